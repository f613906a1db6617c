import type { Problem } from '../base/problem.ts'
import { type LineScan, newLineScan, scanLine } from './line.ts'
import { nameTable } from './names.ts'
import { guessOf } from './not-ftrace.ts'
import { type Loss, placeOf, type TraceText } from './record.ts'
import { type RecordHead, recordStore } from './records.ts'
import { LATIN1_PIECE, latin1, utf8 } from './utf8.ts'

/** What bounds the memory of a reader, whatever it is fed. */
export interface ReaderLimits {
  /** Records kept; further ones are only counted. */
  readonly records: number
  /** Problems kept; further ones are only counted. */
  readonly problems: number
  /** Characters of one line; a longer one is skipped up to its end. */
  readonly lineLength: number
  /** Characters of text kept, that of the records and of what stands between them. */
  readonly characters: number
}

export const READER_LIMITS: ReaderLimits = {
  records: 1_000_000,
  problems: 100,
  lineLength: 65_536,
  characters: 400_000_000,
}

/** Reads a text of ftrace as it arrives. Never throws: what is wrong with the text is in `problems`. */
export interface TraceReader {
  /** The next piece, cut anywhere. Bytes are taken for UTF-8. */
  feed(chunk: Uint8Array | string): void
  /** No more text. A last line without its line feed is read too. */
  end(): TraceText
}

/**
 * A reader that keeps the events `wanted` names and counts the others by name.
 * Speed comes from one pass over character codes and from slicing only what is kept; `bench/trace.ts` measures it.
 */
export function traceReader(wanted: (name: string) => boolean, limits: ReaderLimits = READER_LIMITS): TraceReader {
  const records = recordStore()
  const found: RecordHead = {
    line: 0,
    column: 0,
    task: '',
    pid: 0,
    cpu: 0,
    flags: '',
    time: 0,
    name: '',
    kind: 'event',
  }
  const problems: Problem[] = []
  const losses: Loss[] = []
  const names = nameTable(wanted)
  const scan = newLineScan()
  const count = { lines: 0, header: 0, blank: 0, records: 0, ignored: 0, dropped: 0, foreign: 0 }
  let moreProblems = 0
  /** The unfinished line, in the pieces it came in: joined once, or a text without line feeds would cost its square. */
  let carry: string[] = []
  let carried = 0
  /** Inside a line too long to keep. */
  let skipping = false
  let head = ''
  let task = ''
  /** What the text begins with, for the case that it is none of ours. */
  let beginning = ''
  let flags = ''

  function complain(at: string, message: string, mend: string): void {
    if (problems.length < limits.problems) problems.push({ at, message, mend })
    else moreProblems++
  }

  function tooLong(): void {
    count.lines++
    count.foreign++
    complain(
      placeOf(count.lines, 1),
      `a line of more than ${limits.lineLength} characters is no line of ftrace`,
      'Was a binary file, or a text without line feeds, read for a trace?',
    )
  }

  function line(text: string, from: number, end: number): void {
    const to = end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end
    if (to - from > limits.lineLength) {
      tooLong()
      return
    }
    count.lines++
    const first = text.charCodeAt(from)
    if (to > from && first === 35) {
      count.header++
      return
    }
    if (scanLine(text, from, to, scan)) {
      event(text, from, to)
      return
    }
    if (isBlank(text, from, to)) {
      count.blank++
      return
    }
    if (OF_THE_HEAD.test(text.slice(from, Math.min(to, from + 80)))) {
      count.header++
      return
    }
    count.foreign++
    const lost = LOST.exec(text.slice(from, Math.min(to, from + 80)))
    if (lost !== null) lose(Number(lost[1]), lost[2] ?? lost[3] ?? null)
    else if (problems.length < limits.problems) complainOf(text, from, to)
    else moreProblems++
  }

  function lose(cpu: number, events: string | null): void {
    if (losses.length < MOST_LOSSES) losses.push({ line: count.lines, cpu })
    complain(
      placeOf(count.lines, 1),
      `the kernel lost ${events === null ? 'some' : events.trim()} events of CPU ${cpu} here`,
      'Record again with a larger buffer_size_kb; operations in whose course this is are not judged.',
    )
  }

  function event(text: string, from: number, to: number): void {
    const name = names.of(text, scan)
    if (!name.wanted) {
      name.lines++
      count.ignored++
      return
    }
    if (count.records >= limits.records || records.characters >= limits.characters) {
      count.dropped++
      return
    }
    count.records++
    takeHead(text, scan)
    found.line = count.lines
    found.column = scan.argsFrom - from + 1
    found.task = task
    found.pid = scan.pid
    found.cpu = scan.cpu
    found.flags = flags
    found.time = scan.time
    found.name = name.text
    found.kind = scan.kind
    records.add(found, Math.min(scan.argsFrom, to), to)
  }

  /** Most lines come from the task of the line before: its name and flags are kept, not cut out again. */
  function takeHead(text: string, s: LineScan): void {
    if (task === '' || s.taskTo - s.taskFrom !== head.length || !text.startsWith(head, s.taskFrom)) {
      head = text.slice(s.taskFrom, s.taskTo)
      task = utf8(head)
    }
    if (s.flagsTo - s.flagsFrom !== flags.length || !text.startsWith(flags, s.flagsFrom)) {
      flags = text.slice(s.flagsFrom, s.flagsTo)
    }
  }

  function complainOf(text: string, from: number, to: number): void {
    complain(
      placeOf(count.lines, scan.at - from + 1),
      `not a line of ftrace: “${shown(text, from, to)}”`,
      'Expected “task-pid [cpu] flags time: event: fields”, as in the tracefs file trace.',
    )
  }

  function piece(text: string): void {
    let from = 0
    let next = text.indexOf('\n')
    if (next >= 0 && (skipping || carried > 0)) {
      // Only the line that was cut is put together: the rest of the piece is read where it stands.
      if (!skipping) {
        carry.push(text.slice(0, next))
        const whole = carry.join('')
        records.open(whole)
        line(whole, 0, whole.length)
        records.close()
      }
      skipping = false
      carry = []
      carried = 0
      from = next + 1
      next = text.indexOf('\n', from)
    }
    records.open(text)
    for (; next >= 0; next = text.indexOf('\n', from)) {
      line(text, from, next)
      from = next + 1
    }
    records.close()
    if (skipping || from === text.length) return
    carry.push(from === 0 ? text : text.slice(from))
    carried += text.length - from
    if (carried > limits.lineLength) {
      tooLong()
      carry = []
      carried = 0
      skipping = true
    }
  }

  return {
    feed(chunk) {
      if (beginning.length < BEGINNING) beginning += textOf(chunk).slice(0, BEGINNING - beginning.length)
      if (typeof chunk === 'string') piece(chunk)
      else for (let i = 0; i < chunk.length; i += LATIN1_PIECE) piece(latin1(chunk.subarray(i, i + LATIN1_PIECE)))
    },
    end() {
      const last = carry.join('')
      carry = []
      carried = 0
      if (last !== '') {
        const foreign = count.foreign
        records.open(last)
        line(last, 0, last.length)
        records.close()
        if (count.foreign > foreign) endsInMidLine()
      }
      if (count.records + count.ignored + count.dropped === 0) nothingFound()
      if (count.dropped > 0) {
        complain(
          placeOf(count.lines, 1),
          `${count.dropped} events beyond the first ${count.records} were not kept`,
          'Cut the recording shorter: one operation needs a few hundred lines.',
        )
      }
      return { records, counts: count, ignored: names.ignored(), losses, problems, moreProblems }
    },
  }

  function endsInMidLine(): void {
    const cut = problems.at(-1)
    if (cut === undefined || !cut.at.startsWith(`line ${count.lines},`)) return
    problems[problems.length - 1] = {
      ...cut,
      message: 'the text ends in the middle of a line',
      mend: 'Copy the recording again, up to its end.',
    }
  }

  function nothingFound(): void {
    const guess = guessOf(beginning)
    problems.unshift({
      at: placeOf(1, 1),
      message:
        guess?.message ??
        (count.lines === count.blank ? 'there is no text' : 'no line of this text is an event of ftrace'),
      mend: guess?.mend ?? 'Give the text of the tracefs file trace (or its .gz), or what trace-cmd report prints.',
    })
  }
}

/** Heads that do not begin with #: of trace-cmd report. */
const OF_THE_HEAD = /^\s*(cpus=\d+|version = \d+|CPU \d+ is empty|uname: |trace_clock: |buffer: )/
/** What tracefs prints where the ring buffer ran over, and what trace-cmd report makes of it. */
const LOST = /^\s*CPU:\s*(\d+) \[(?:LOST (\d+ )?EVENTS|(\d+ )?EVENTS DROPPED)\]/
const MOST_LOSSES = 10_000

/** Characters of a text that tell what it is. */
const BEGINNING = 2_000
const textOf = (chunk: Uint8Array | string): string =>
  typeof chunk === 'string' ? chunk : latin1(chunk.subarray(0, BEGINNING))

function isBlank(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i)
    if (c !== 32 && c !== 9 && c !== 13) return false
  }
  return true
}

/** The beginning of a line, fit to be quoted. */
function shown(text: string, from: number, to: number): string {
  const start = utf8(text.slice(from, Math.min(to, from + 60))).replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]/g, '·')
  return to - from > 60 ? `${start}…` : start
}
