import type { LineCounts } from '../core/trace/record.ts'
import type { RawLine } from './trace-api.ts'

/** The tracefs file says at its top how many events it holds, and how many were written: kernel/trace/trace.c */
const ENTRIES = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+)/

/** What the head of a recording promises and its body does not hold, one sentence each. */
export function missingFrom(head: readonly RawLine[], counts: LineCounts): string[] {
  const entries = head.map(l => ENTRIES.exec(l.text)).find(m => m !== null)
  if (entries === undefined || entries === null) return []
  const [inBuffer, written] = [Number(entries[1]), Number(entries[2])]
  const found = counts.records + counts.ignored + counts.dropped
  const missing: string[] = []
  if (found < inBuffer)
    missing.push(`Its head announces ${inBuffer} events and ${found} are there: the others are missing.`)
  if (written > inBuffer)
    missing.push(
      `${written - inBuffer} earlier events were overwritten before it was saved: the buffer was too small for all of them.`,
    )
  return missing
}
