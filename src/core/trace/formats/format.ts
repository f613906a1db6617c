import type { TraceRecord } from '../record.ts'
import type { Scene } from '../scene.ts'

/** One tracepoint or probe: its name, and what one line of it says. To read another, add an entry and a sample. */
export interface Format {
  readonly name: string
  readonly read: (r: TraceRecord, s: Scene) => void
}

export const format = (name: string, read: Format['read']): Format => ({ name, read })
