import * as v from 'valibot'

/** One recording that comes with the app. */
export interface RecordingCard {
  /** Its file, below `traces/`. */
  readonly file: string
  readonly name: string
  readonly kernel: string
  readonly syscall: string
  readonly events: number
  readonly bytes: number
  readonly notes: string
}

const schema = v.array(
  v.object({
    file: v.pipe(v.string(), v.regex(/^[\w./-]+$/)),
    workload: v.string(),
    kernel: v.string(),
    /** Recorded in a guest that uses KVM's paravirtual TLB flush. */
    guest: v.fallback(v.boolean(), false),
    syscall: v.string(),
    about: v.fallback(v.string(), ''),
    events: v.fallback(v.number(), 0),
    bytes: v.fallback(v.number(), 0),
  }),
)

/** The list of recordings, or why there is none. */
export async function fetchRecordings(): Promise<readonly RecordingCard[] | { readonly why: string }> {
  try {
    const answer = await fetch('./traces/index.json')
    if (!answer.ok) return { why: `the server answered ${answer.status}` }
    const read = v.safeParse(schema, await answer.json())
    if (!read.success) return { why: 'traces/index.json is not what it should be' }
    return read.output.map(r => ({
      file: r.file,
      name: r.workload.replaceAll('_', ' '),
      kernel: `Linux ${r.kernel}${r.guest ? ', guest of KVM' : ''}`,
      syscall: r.syscall,
      events: r.events,
      bytes: r.bytes,
      notes: r.about,
    }))
  } catch {
    return { why: 'traces/index.json could not be loaded' }
  }
}
