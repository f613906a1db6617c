import { assert } from '../base/assert.ts'
import type { Brand } from '../base/brand.ts'

/** The whole modelled world: 32-bit words, always the same number of them for one scenario. Copy, compare and hash it as it is. */
export type Machine = Brand<Uint32Array, 'Machine'>

/**
 * `length` equal bit fields somewhere in the words of a machine. Fields never straddle a word, so reading one is a load, a
 * shift and a mask.
 */
export interface Column {
  readonly name: string
  readonly length: number
  readonly bits: number
  readonly mask: number
  /** Word of each cell. */
  readonly word: Uint32Array
  /** Shift of each cell in its word. */
  readonly shift: Uint8Array
}

/** Somebody who is told which bits of which words an operation reads and writes. */
export interface Witness {
  read(word: number, bits: number): void
  wrote(word: number, bits: number): void
}

/** Nobody, except while `watching` runs. Cells are reached by `get` and `set` alone, so nothing escapes a witness. */
let witness: Witness | undefined

/** Runs `body`, and tells `by` of every access to a cell before it happens. */
export function watching<T>(by: Witness, body: () => T): T {
  const before = witness
  witness = by
  try {
    return body()
  } finally {
    witness = before
  }
}

/** Cell `i` of a column: a whole number from 0 up to what the column is wide enough for. */
export function get(m: Machine, column: Column, i: number): number {
  const word = column.word[i] as number
  const shift = column.shift[i] as number
  if (witness !== undefined) witness.read(word, (column.mask << shift) >>> 0)
  return ((m[word] as number) >>> shift) & column.mask
}

/** Writes cell `i` of a column. The value must fit into the cell. */
export function set(m: Machine, column: Column, i: number, value: number): void {
  const word = column.word[i] as number
  const shift = column.shift[i] as number
  if (witness !== undefined) witness.wrote(word, (column.mask << shift) >>> 0)
  m[word] = ((m[word] as number) & ~(column.mask << shift)) | ((value & column.mask) << shift)
}

export const add = (m: Machine, column: Column, i: number, by: number): void =>
  set(m, column, i, get(m, column, i) + by)

/** Bits needed for the values 0..max. */
export const bitsFor = (max: number): number => Math.max(1, 32 - Math.clz32(max))

/** Hands out cells. `region` starts a fresh word, so that what one actor owns shares no word with another. */
export class LayoutBuilder {
  readonly columns: Column[] = []
  private nextWord = 0
  private nextBit = 0

  /** `length` cells that hold 0..max each. */
  column(name: string, length: number, max: number): Column {
    const bits = bitsFor(max)
    assert(bits <= 31, `${name}: values up to ${max} do not fit a cell`)
    const word = new Uint32Array(length)
    const shift = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      if (this.nextBit + bits > 32) this.region()
      word[i] = this.nextWord
      shift[i] = this.nextBit
      this.nextBit += bits
    }
    const column = { name, length, bits, mask: 2 ** bits - 1, word, shift }
    this.columns.push(column)
    return column
  }

  region(): void {
    if (this.nextBit === 0) return
    this.nextWord++
    this.nextBit = 0
  }

  get words(): number {
    return this.nextWord + (this.nextBit === 0 ? 0 : 1)
  }
}

export const newMachine = (words: number): Machine => new Uint32Array(words) as Machine
export const copyOf = (m: Machine): Machine => m.slice() as Machine

/** Whether two states are equal, word for word. */
export function sameMachine(a: Machine, b: Machine): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** 32-bit FNV-1a over the words, as eight hex digits. Tells runs apart in links; never used to prove anything. */
export function checksum(m: Machine): string {
  let h = 0x811c9dc5
  for (const word of m) {
    for (let shift = 0; shift < 32; shift += 8) h = Math.imul(h ^ ((word >>> shift) & 0xff), 0x01000193)
  }
  return (h >>> 0).toString(16).padStart(8, '0')
}
