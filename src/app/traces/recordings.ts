import * as v from 'valibot'
import type { RecordingEntry } from '../../panels/traces/RecordingTable.tsx'
import { titleOf } from './titles.ts'

/** One recording that comes with the app: its file lies below `traces/`, and links give it by its name (`k612-munmap4`). */
export interface RecordingCard extends RecordingEntry {
  /** Where it comes from, a few words each. */
  readonly provenance: readonly string[]
}

const schema = v.array(
  v.object({
    file: v.pipe(v.string(), v.regex(/^[\w./-]+$/)),
    workload: v.string(),
    kernel: v.string(),
    /** Recorded in a guest that uses KVM's paravirtual TLB flush. */
    guest: v.fallback(v.boolean(), false),
    about: v.fallback(v.string(), ''),
    pagesUnmapped: v.fallback(v.number(), 0),
    pagesFreed: v.fallback(v.number(), 0),
  }),
)

/** The builds behind the short names; public/traces/README.md. */
const builds: Readonly<Record<string, string>> = {
  '6.1': 'Debian’s 6.1.192 (6.1.0-56-amd64)',
  '6.12': 'Debian’s 6.12.115 (6.12.115+deb12-amd64)',
}

/** The list of recordings, or why there is none. */
export async function fetchRecordings(): Promise<readonly RecordingCard[] | { readonly why: string }> {
  try {
    const answer = await fetch('./traces/index.json')
    if (!answer.ok) return { why: `the server answered ${answer.status}` }
    const read = v.safeParse(schema, await answer.json())
    if (!read.success) return { why: 'traces/index.json is not what it should be' }
    const cards = read.output.map(cardOf)
    const groups = [...new Set(cards.map(c => c.group))]
    return groups.flatMap(group => cards.filter(c => c.group === group))
  } catch {
    return { why: 'traces/index.json could not be loaded' }
  }
}

function cardOf(r: v.InferOutput<typeof schema>[number]): RecordingCard {
  const where = r.guest ? 'as a KVM guest, with paravirtual TLB flush' : 'on an emulated machine'
  return {
    file: r.file,
    name: r.file.replace(/^.*\//, '').replace(/\.trace\.txt(\.gz)?$/, ''),
    title: titleOf(r.workload),
    group: `Linux ${r.kernel}, ${where}`,
    about: r.about,
    pagesUnmapped: r.pagesUnmapped,
    pagesFreed: r.pagesFreed,
    provenance: [
      builds[r.kernel] ?? `Linux ${r.kernel}`,
      `QEMU 7.2 without hardware virtualization, 2 CPUs${r.guest ? ', and a KVM guest inside it' : ''}`,
      'emulated: the order is real, the timestamps are not real time',
      'written by ftrace, unedited',
    ],
  }
}
