import { asVpn, type PageRange, type Vpn } from '../units.ts'

/** A field's name, ready to be searched for: `start=` behind a space, or at the very beginning of the fields. */
export interface Key {
  readonly inner: string
  readonly first: string
  /** The pointer found last: the same few come again and again, and a string known already need not be made and hashed anew. */
  lastPointer: string
}

/** `key('start')` for `start=0x…` of tracepoints and probes. */
export const key = (name: string): Key => ({ inner: ` ${name}=`, first: `${name}=`, lastPointer: '' })
/** `argument('addr')` for `addr: 100000000000` of system calls. */
export const argument = (name: string): Key => ({ inner: ` ${name}: `, first: `${name}: `, lastPointer: '' })

function valueAt(args: string, k: Key): number {
  if (args.startsWith(k.first)) return k.first.length
  const i = args.indexOf(k.inner)
  return i < 0 ? -1 : i + k.inner.length
}

/** The word after `key=`, or null. */
export function word(args: string, k: Key): string | null {
  const from = valueAt(args, k)
  if (from < 0) return null
  let to = from
  while (to < args.length && !isEnd(args.charCodeAt(to))) to++
  return args.slice(from, to)
}

/** Whether the word after `key=` is `text`, without cutting it out. */
export function says(args: string, k: Key, text: string): boolean {
  const from = valueAt(args, k)
  return from >= 0 && args.startsWith(text, from) && endsAt(args, from + text.length)
}

/** A pointer as a name: its digits without `0x`, for tracepoints print none where probes do. Null also for NULL. */
export function pointer(args: string, k: Key): string | null {
  let from = valueAt(args, k)
  if (from < 0) return null
  if (args.startsWith('0x', from)) from += 2
  const last = k.lastPointer
  if (last !== '' && args.startsWith(last, from) && endsAt(args, from + last.length)) return last
  let to = from
  let zero = true
  for (; !endsAt(args, to); to++) if (args.charCodeAt(to) !== 48) zero = false
  if (zero) return null
  k.lastPointer = args.slice(from, to)
  return k.lastPointer
}

/** A decimal number, negative ones included, or null. */
export function decimal(args: string, k: Key): number | null {
  const from = valueAt(args, k)
  if (from < 0) return null
  const negative = args.charCodeAt(from) === 45
  const first = negative ? from + 1 : from
  let value = 0
  let i = first
  for (; !endsAt(args, i); i++) {
    const digit = args.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return null
    value = value * 10 + digit
  }
  if (i === first || i - first > 15) return null
  return negative ? -value : value
}

/** `0x2942`, or null. */
export function hex(args: string, k: Key): number | null {
  const from = valueAt(args, k)
  return from < 0 ? null : hexAt(args, from, 0)
}

/** pfn= of a tracepoint is hexadecimal with 0x, of a probe decimal. */
export const frame = (args: string, k: Key): number | null => {
  const from = valueAt(args, k)
  if (from < 0) return null
  return args.startsWith('0x', from) ? hexAt(args, from, 0) : decimal(args, k)
}

/** The page of an address, or null. */
export function page(args: string, k: Key): Vpn | null {
  const from = valueAt(args, k)
  const n = from < 0 ? null : hexAt(args, from, 3)
  return n === null ? null : asVpn(n)
}

const START = key('start')
const END = key('end')

/**
 * `start=… end=…`, the end exclusive and rounded up to a page (0xffffffffffffffff: the whole address space). Empty if both are
 * the same, as a flush of everything tells a notifier of 6.1: tlb_finish_mmu() leaves start=end=~0 behind.
 */
export function range(args: string): PageRange | null {
  const start = page(args, START)
  const from = valueAt(args, END)
  if (start === null || from < 0) return null
  const whole = hexAt(args, from, 3)
  if (whole === null) return null
  if (isPageAligned(args, from)) return { start, end: asVpn(whole) }
  return { start, end: asVpn(whole === start && word(args, START) === word(args, END) ? whole : whole + 1) }
}

/** No range is larger: 2^52 pages are all that 64 bits address. */
const ALL_PAGES = 2 ** 52 - 1
export const wholeSpace = (r: PageRange): boolean => r.start === 0 && r.end >= ALL_PAGES

/** The hexadecimal number at `from`, less its last `drop` digits: a 64-bit address loses 3 and becomes an exact page. */
function hexAt(args: string, from: number, drop: number): number | null {
  let i = args.startsWith('0x', from) ? from + 2 : from
  const first = i
  while (i < args.length && hexDigit(args.charCodeAt(i)) >= 0) i++
  if (i === first || i - first > 16 || (i < args.length && !isEnd(args.charCodeAt(i)))) return null
  let value = 0
  for (let k = first; k < i - drop; k++) value = value * 16 + hexDigit(args.charCodeAt(k))
  return value
}

function isPageAligned(args: string, from: number): boolean {
  let i = args.startsWith('0x', from) ? from + 2 : from
  while (i < args.length && !isEnd(args.charCodeAt(i))) i++
  for (let k = Math.max(from, i - 3); k < i; k++) if (args.charCodeAt(k) !== 48) return false
  return true
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  if (c >= 97 && c <= 102) return c - 87
  return c >= 65 && c <= 70 ? c - 55 : -1
}

/** What ends a value: a space, a comma or a closing parenthesis, or the end of the line. */
const isEnd = (c: number): boolean => c === 32 || c === 44 || c === 41
const endsAt = (args: string, i: number): boolean => i >= args.length || isEnd(args.charCodeAt(i))
