import type { RecordKind } from './record.ts'

const SPACE = 32
const PAREN_OPEN = 40
const PAREN_CLOSE = 41
const DASH = 45
const DOT = 46
const COLON = 58
const BRACKET_OPEN = 91
const BRACKET_CLOSE = 93
/** Longest `task-pid (tgid)` we look for before giving a line up as foreign: a command name has 15 characters. */
const MAX_HEAD = 80

/** What one line says up to the name of its event. A scratch object, reused for every line: nothing is allocated. */
export interface LineScan {
  /** Start and end of the task's name. */
  taskFrom: number
  taskTo: number
  pid: number
  cpu: number
  flagsFrom: number
  flagsTo: number
  time: number
  nameFrom: number
  nameTo: number
  /** Of the name's characters: finds a name seen before without cutting it out of the text. */
  nameHash: number
  kind: RecordKind
  argsFrom: number
  /** Up to where the line was understood: the column to show when it is not an event. */
  at: number
}

export const newLineScan = (): LineScan => ({
  taskFrom: 0,
  taskTo: 0,
  pid: 0,
  cpu: 0,
  flagsFrom: 0,
  flagsTo: 0,
  time: 0,
  nameFrom: 0,
  nameTo: 0,
  nameHash: 0,
  kind: 'event',
  argsFrom: 0,
  at: 0,
})

const isDigit = (c: number): boolean => c >= 48 && c <= 57
const isWord = (c: number): boolean => (c >= 97 && c <= 122) || c === 95 || isDigit(c) || (c >= 65 && c <= 90)

/**
 * Reads `task-pid [cpu] flags time: event: fields` from `text[from, to)` into `out`; false if the line is not that.
 * Kernel: trace_print_context() kernel/trace/trace_output.c. The tgid column and missing flags are accepted too.
 * Works on character codes: a recording has hundreds of thousands of lines, and most of a line is never needed.
 */
export function scanLine(text: string, from: number, to: number, out: LineScan): boolean {
  let understood = from
  // A task may be called `a-1 [000] b`: then the rest of the line tells which bracket is the CPU's.
  for (
    let bracket = cpuBracket(text, from, from + 1, to);
    bracket >= 0;
    bracket = cpuBracket(text, from, bracket + 1, to)
  ) {
    if (!scanTask(text, from, bracket, out)) continue
    if (scanRest(text, bracket, to, out)) return true
    understood = Math.max(understood, out.at)
  }
  if (scanLatency(text, from, to, out)) return true
  out.at = understood
  return false
}

/** Reads what follows the task, from the bracket of its CPU on. */
function scanRest(text: string, bracket: number, to: number, out: LineScan): boolean {
  let i = bracket + 1
  let cpu = 0
  for (; isDigit(text.charCodeAt(i)); i++) cpu = cpu * 10 + text.charCodeAt(i) - 48
  out.cpu = cpu
  i = skipSpaces(text, i + 1, to)

  out.flagsFrom = i
  out.flagsTo = i
  out.at = i
  let timeEnd = scanTime(text, i, to, out)
  if (timeEnd < 0) {
    while (i < to && text.charCodeAt(i) !== SPACE) i++
    out.flagsTo = i
    i = skipSpaces(text, i, to)
    out.at = i
    timeEnd = scanTime(text, i, to, out)
    if (timeEnd < 0) return false
  }
  return scanName(text, skipSpaces(text, timeEnd, to), to, out)
}

/** Index of the next `[` of ` [000]` from `next` on, or -1. A task may be called almost anything, ` [1] ` included. */
function cpuBracket(text: string, from: number, next: number, to: number): number {
  const limit = Math.min(to, from + MAX_HEAD)
  for (let i = next; i < limit; i++) {
    if (text.charCodeAt(i) !== BRACKET_OPEN || text.charCodeAt(i - 1) !== SPACE) continue
    let j = i + 1
    while (j < to && isDigit(text.charCodeAt(j))) j++
    if (j > i + 1 && j < i + 8 && text.charCodeAt(j) === BRACKET_CLOSE && text.charCodeAt(j + 1) === SPACE) return i
  }
  return -1
}

function scanTask(text: string, from: number, bracket: number, out: LineScan): boolean {
  let i = bracket - 1
  while (i > from && text.charCodeAt(i) === SPACE) i--
  if (text.charCodeAt(i) === PAREN_CLOSE) {
    // the tgid column, `( 1234)` or `(-----)`
    while (i > from && text.charCodeAt(i) !== PAREN_OPEN) i--
    i--
    while (i > from && text.charCodeAt(i) === SPACE) i--
  }
  let pid = 0
  let scale = 1
  const last = i
  for (; i > from && isDigit(text.charCodeAt(i)); i--, scale *= 10) pid += (text.charCodeAt(i) - 48) * scale
  if (i === last || text.charCodeAt(i) !== DASH) return false
  out.pid = pid
  out.taskTo = i
  out.taskFrom = skipSpaces(text, from, i)
  return out.taskFrom < out.taskTo
}

/**
 * `   11.824877: ` into `out.time`; the index after the colon, or -1. Six digits (the usual clocks) are exact. A clock that
 * only counts (counter, x86-tsc) prints a whole number, taken for microseconds: only the order means anything.
 */
function scanTime(text: string, from: number, to: number, out: LineScan): number {
  let i = from
  let seconds = 0
  for (; i < to && isDigit(text.charCodeAt(i)); i++) seconds = seconds * 10 + text.charCodeAt(i) - 48
  if (i > from && i - from <= 20 && text.charCodeAt(i) === COLON) {
    out.time = seconds
    return i + 1
  }
  if (i === from || i - from > 12 || text.charCodeAt(i) !== DOT) return -1
  let fraction = 0
  let unit = 1_000_000
  for (i++; i < to && isDigit(text.charCodeAt(i)); i++, unit /= 10) fraction = fraction * 10 + text.charCodeAt(i) - 48
  if (i >= to || text.charCodeAt(i) !== COLON || unit === 1_000_000 || unit < 1e-9) return -1
  out.time = seconds * 1_000_000 + fraction * unit
  return i + 1
}

function scanName(text: string, start: number, to: number, out: LineScan): boolean {
  const from = nameBegins(text, start, to)
  let i = from
  let hash = 0
  for (let c = 0; i < to; i++) {
    c = text.charCodeAt(i)
    if (!isWord(c) && !(c === DOT && i > from)) break
    hash = (Math.imul(hash, 31) + c) | 0
  }
  out.at = i
  out.nameHash = hash
  out.nameFrom = from
  out.nameTo = i
  if (i === from) return false
  const c = i < to ? text.charCodeAt(i) : 0
  const isSyscall = text.startsWith('sys_', from)
  if (c === COLON) {
    out.argsFrom = skipSpaces(text, i + 1, to)
    out.kind = 'event'
    // The tracepoints' own names: `sys_enter_munmap:` is `sys_munmap(`, and the reader puts the `sys` back.
    if (isSyscall && text.startsWith('sys_enter_', from)) {
      out.kind = 'syscall-entry'
      out.nameFrom = from + 'sys_enter'.length
    } else if (isSyscall && text.startsWith('sys_exit_', from)) {
      out.kind = 'syscall-exit'
      out.nameFrom = from + 'sys_exit'.length
    }
    return true
  }
  if (isSyscall && c === PAREN_OPEN) {
    out.argsFrom = i + 1
    out.kind = 'syscall-entry'
    return true
  }
  if (isSyscall && text.startsWith(' -> ', i)) {
    out.argsFrom = i + 4
    out.kind = 'syscall-exit'
    return true
  }
  // The function tracer's `name <-caller`: an event of no use here, but an event.
  if (text.startsWith(' <-', i)) {
    out.argsFrom = i + 1
    out.kind = 'event'
    return true
  }
  return false
}

/**
 * Past what stands before the name proper: the system in `syscalls:sys_enter_munmap:`, and the `print:` that trace-cmd makes of a marker,
 * whose function follows.
 */
function nameBegins(text: string, from: number, to: number): number {
  let i = from
  while (i < to && isWord(text.charCodeAt(i))) i++
  if (text.charCodeAt(i) !== COLON) return from
  if (i - from === 5 && text.startsWith('print', from)) {
    const next = skipSpaces(text, i + 1, to)
    return text.startsWith('tracing_mark_write: ', next) ? next : from
  }
  let k = i + 1
  while (k < to && isWord(text.charCodeAt(k))) k++
  return k > i + 1 && text.charCodeAt(k) === COLON ? i + 1 : from
}

/** `   mnwl-154     0d..1.   52us : name: …`, as trace_print_lat_context() prints it. Times count from the first event.
 * trace-cmd report -l has seconds there. */
const LATENCY = /^ *(\S.{0,15}?) *-(\d+) +(\d+)([a-zA-Z.#\d]{4,7}) +(?:(\d+)us[!+#*@$. ]? *|(\d+)\.(\d{6})\d{0,3}): /

/** Reads a line of the latency format into `out`: rare, so that it need not be fast. */
function scanLatency(text: string, from: number, to: number, out: LineScan): boolean {
  const found = LATENCY.exec(text.slice(from, Math.min(to, from + MAX_HEAD)))
  if (found === null) return false
  const [head, task = '', pid = '', cpu = '', flags = '', time, seconds = '', micros = ''] = found
  const cpuAt = from + head.lastIndexOf(`${cpu}${flags}`)
  out.taskFrom = skipSpaces(text, from, to)
  out.taskTo = out.taskFrom + task.length
  out.pid = Number(pid)
  out.cpu = Number(cpu)
  out.flagsFrom = cpuAt + cpu.length
  out.flagsTo = out.flagsFrom + flags.length
  out.time = time === undefined ? Number(seconds) * 1_000_000 + Number(micros) : Number(time)
  return scanName(text, skipSpaces(text, from + head.length, to), to, out)
}

function skipSpaces(text: string, from: number, to: number): number {
  let i = from
  while (i < to && text.charCodeAt(i) === SPACE) i++
  return i
}
