import type { TraceReport, TraceSummary } from '../../worker/trace-api.ts'
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
 * bounded: a piece is read only when the one before has been taken in. Returns what is missing because the packed bytes end
 * or break in the middle; what came before that was read.
 */
async function feedSource(source: Source, worker: TraceWorker, onProgress: (bytes: number) => void): Promise<string[]> {
  await worker.begin(source.name)
  let read = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read += chunk.byteLength
      controller.enqueue(chunk)
    },
  })
  const { stream, packed } = await unpacked((await source.open()).pipeThrough(counted))
  const reader = stream.getReader()
  let fed = 0
  for (;;) {
    let next: ReadableStreamReadResult<Uint8Array>
    try {
      next = await reader.read()
    } catch (error) {
      if (!packed || fed === 0) throw packed ? new Error('its gzip data is damaged or cut off') : error
      return ['Its gzip data is damaged or cut off: what could be unpacked was read.']
    }
    if (next.done) return []
    for (let from = 0; from < next.value.byteLength; from += PIECE) {
      await worker.feed(next.value.slice(from, from + PIECE))
    }
    fed += next.value.byteLength
    onProgress(read)
  }
}

/** Reads a whole recording: everything there is to show about it. */
export async function readSource(
  source: Source,
  worker: TraceWorker,
  onProgress: (bytes: number) => void,
): Promise<TraceReport> {
  const missing = await feedSource(source, worker, onProgress)
  const report = await worker.end()
  return { ...report, missing: [...missing, ...report.missing] }
}

/** Reads a whole recording only for what comes of the comparison. */
export async function judgeSource(source: Source, worker: TraceWorker): Promise<TraceSummary> {
  await feedSource(source, worker, () => undefined)
  return worker.judge()
}

interface Unpacked {
  readonly stream: ReadableStream<Uint8Array>
  readonly packed: boolean
}

/** Looks at the first bytes, then hands on the stream as if nobody had. */
async function unpacked(stream: ReadableStream<Uint8Array>): Promise<Unpacked> {
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
  if (first.done || !isGzip(first.value)) return { stream: whole, packed: false }
  const gunzip = new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>
  return { stream: whole.pipeThrough(gunzip), packed: true }
}
