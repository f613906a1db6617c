import type { Problem } from '../base/problem.ts'
import type { TraceRecords } from './records.ts'

/** One line of an ftrace text that is an event we read. */
export interface TraceRecord {
  /** From 1. */
  readonly line: number
  /** Where `args` begins in the line, from 1. */
  readonly column: number
  readonly task: string
  readonly pid: number
  readonly cpu: number
  /** irqs-off, need-resched, hard/softirq, preempt-depth, migrate-disable; '' where the kernel printed none. */
  readonly flags: string
  /** Microseconds on the trace clock. */
  readonly time: number
  /** Tracepoint or probe; for a system call `sys_munmap`, entry and exit alike. */
  readonly name: string
  readonly kind: RecordKind
  /** What follows the name: `start=0x… end=0x…`, or `addr: 100000000000, len: 4000`, or the value returned. */
  readonly args: string
}

export type RecordKind = 'event' | 'syscall-entry' | 'syscall-exit'

/** Every line of the text is exactly one of these. */
export interface LineCounts {
  readonly lines: number
  /** Lines that begin with `#`. */
  readonly header: number
  readonly blank: number
  /** Events we read and kept. */
  readonly records: number
  /** Events we do not read, counted by name. */
  readonly ignored: number
  /** Events we read, beyond the limit on records. */
  readonly dropped: number
  /** Lines that are nothing of the kind: each is a problem. */
  readonly foreign: number
}

/** Where the ring buffer of a CPU ran over, and events of it are missing. */
export interface Loss {
  readonly line: number
  readonly cpu: number
}

/** What a text of ftrace holds, before anything is concluded from it. */
export interface TraceText {
  readonly records: TraceRecords
  readonly counts: LineCounts
  /** Lines by event name, for the events nobody reads. */
  readonly ignored: ReadonlyMap<string, number>
  readonly losses: readonly Loss[]
  readonly problems: readonly Problem[]
  /** Problems beyond the limit: only counted. */
  readonly moreProblems: number
}

/** `line 12, column 4` */
export const placeOf = (line: number, column: number): string => `line ${line}, column ${column}`

/**
 * Who acts in a record: the task, or minus one minus the CPU for an interrupt or softirq, whose work is not that of the
 * task it happens to interrupt. One of the flags tells, the third in most kernels: h, H, s, z or Z.
 */
export function actorOf(r: TraceRecord): number {
  for (let i = 1; i < r.flags.length; i++) {
    const context = r.flags.charCodeAt(i)
    if (context === 104 || context === 72 || context === 115 || context === 122 || context === 90) return -1 - r.cpu
  }
  return r.pid
}
