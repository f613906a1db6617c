import type { TraceReport } from '../../worker/trace-api.ts'
import type { TraceWorker } from '../../worker/trace-client.ts'

/** Where the bytes of a recording come from. */
export interface Source {
  readonly name: string
  /** Bytes before they are unpacked; null when nobody knows. */
  readonly size: number | null
  open(): Promise<ReadableStream<Uint8Array>>
}

export const fileSource = (file: File): Source => ({
  name: file.name,
  size: file.size,
  open: async () => file.stream(),
})

/** A recording that comes with the app, at an address relative to the page. */
export const bundledSource = (file: string): Source => ({
  name: file,
  size: null,
  open: async () => {
    const answer = await fetch(`./traces/${file}`)
    if (!answer.ok || answer.body === null) throw new Error(`the server answered ${answer.status} for traces/${file}`)
    return answer.body
  },
})

/** The two bytes every gzip file begins with. */
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A worker is given pieces no larger than this, so that a reader who has had enough is heard soon. */
const PIECE = 1 << 20

/**
 * Streams a recording into the worker, unpacking it on the way if it is gzip, whatever its name says. Memory stays
 * bounded: a piece is read only when the one before has been taken in.
 */
export async function readSource(
  source: Source,
  worker: TraceWorker,
  onProgress: (bytes: number) => void,
): Promise<TraceReport> {
  await worker.begin(source.name)
  let read = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read += chunk.byteLength
      controller.enqueue(chunk)
    },
  })
  const reader = (await unpacked((await source.open()).pipeThrough(counted))).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    for (let from = 0; from < value.byteLength; from += PIECE) {
      await worker.feed(value.slice(from, from + PIECE))
    }
    onProgress(read)
  }
  return worker.end()
}

/** Looks at the first bytes, then hands on the stream as if nobody had. */
async function unpacked(stream: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const reader = stream.getReader()
  const first = await reader.read()
  const whole = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first.done) controller.close()
      else controller.enqueue(first.value)
    },
    async pull(controller) {
      const next = await reader.read()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    cancel: why => reader.cancel(why),
  })
  if (first.done || !isGzip(first.value)) return whole
  return whole.pipeThrough(new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>)
}
