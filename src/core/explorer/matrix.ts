import { BitRows, lowest, popcount } from './bit-rows.ts'
import { Growing } from './growing.ts'
import { PairTable } from './pair-table.ts'

/** Of a state and its mirror image only one is kept: that in which the column is not before that of the prefix. */
export interface Mirror {
  /** The column that a prefix would be. */
  columnOf(prefix: number): number
  /** The prefix that a column would be. */
  prefixOf(column: number): number
  /** The hub of the mirror image. */
  hubOf(hub: number): number
}

/**
 * Sets of states: by hub a matrix of bits, rows by the first far parts together, columns by the last far part. A state that is
 * added is due twice: for the moves of far actors, and for those of all others.
 */
export class Matrix {
  readonly seen = new BitRows()
  readonly dueFar = new BitRows()
  readonly dueNear = new BitRows()
  /** States in which a far actor could move. */
  readonly movedFar = new BitRows()
  private readonly mirror: Mirror | undefined
  /** By row: columns before this one are kept as their mirror images. */
  private readonly limitOf = new Growing(Uint32Array)
  states = 0
  private readonly rows = new PairTable()
  private count = 0
  readonly prefixOf = new Growing(Uint32Array)
  private readonly hubOfRow = new Growing(Uint32Array)
  /** By hub: the first row that is due, + 1; by row: the next one of the same hub, + 1; is it in the list. */
  private readonly firstDue = new Growing(Uint32Array)
  private readonly nextDue = new Growing(Uint32Array)
  private readonly listed = new Growing(Uint8Array)
  /** Hubs with something due, each in it at most once. */
  private now = new Growing(Uint32Array)
  private later = new Growing(Uint32Array)
  private at = 0

  constructor(mirror?: Mirror) {
    this.mirror = mirror
  }

  get bytes(): number {
    const kept = [
      this.seen,
      this.dueFar,
      this.dueNear,
      this.rows,
      this.prefixOf,
      this.hubOfRow,
      this.nextDue,
      this.listed,
    ]
    return kept.reduce((sum, part) => sum + part.bytes, this.firstDue.bytes + this.now.bytes + this.later.bytes)
  }

  get width(): number {
    return this.seen.width
  }

  /** Makes room for so many columns. */
  columns(count: number): void {
    this.seen.widen(count)
    this.dueFar.widen(count)
    this.dueNear.widen(count)
    this.movedFar.widen(count)
  }

  row(hub: number, prefix: number): number {
    const found = this.rows.get(hub, prefix)
    if (found >= 0) return found
    const row = this.count++
    this.rows.add(hub, prefix, row)
    this.prefixOf.push(prefix)
    this.hubOfRow.push(hub)
    this.nextDue.push(0)
    this.listed.push(0)
    while (this.firstDue.length <= hub) this.firstDue.push(0)
    this.seen.push()
    this.dueFar.push()
    this.dueNear.push()
    this.movedFar.push()
    const limit = this.mirror?.columnOf(prefix) ?? 0
    this.limitOf.push(limit)
    this.columns(limit + 1)
    return row
  }

  /** A column in which the row has a state. */
  anyColumn(row: number): number {
    for (let w = 0; ; w++) {
      const word = this.seen.words.at(row * this.seen.width + w)
      if (word !== 0) return 32 * w + lowest(word)
    }
  }

  /** Adds a state. */
  add(row: number, column: number): void {
    this.or(row, column >>> 5, 1 << (column & 31))
  }

  /** Adds states of one row, 32 columns at a time. */
  or(row: number, w: number, bits: number): void {
    const before = this.limitOf.at(row) - 32 * w
    if (before <= 0) {
      this.keep(row, w, bits)
      return
    }
    const low = before >= 32 ? bits : bits & ((1 << before) - 1)
    if (low !== 0) this.reflect(row, w, low)
    if (low !== bits) this.keep(row, w, bits & ~low)
  }

  /** Adds the mirror images of states. */
  private reflect(row: number, w: number, bits: number): void {
    const mirror = this.mirror as Mirror
    const hub = mirror.hubOf(this.hubOfRow.at(row))
    const column = this.limitOf.at(row)
    for (let left = bits; left !== 0; left &= left - 1) {
      const image = this.row(hub, mirror.prefixOf(32 * w + lowest(left)))
      this.keep(image, column >>> 5, 1 << (column & 31))
    }
  }

  private keep(row: number, w: number, bits: number): void {
    const at = row * this.seen.width + w
    const before = this.seen.words.at(at)
    const added = bits & ~before
    if (added === 0) return
    this.seen.words.put(at, before | added)
    this.dueFar.words.put(at, this.dueFar.words.at(at) | added)
    this.dueNear.words.put(at, this.dueNear.words.at(at) | added)
    this.states += popcount(added)
    if (this.listed.at(row) === 0) this.list(row)
  }

  /** The next hub with something due, or -1. */
  takeHub(): number {
    if (this.at === this.now.length) {
      const { now } = this
      this.now = this.later
      this.later = now
      this.later.length = 0
      this.at = 0
      if (this.now.length === 0) return -1
    }
    return this.now.at(this.at++)
  }

  /** The next row of a hub with something due, which is taken off the list; or -1. */
  takeRow(hub: number): number {
    const row = this.firstDue.at(hub) - 1
    if (row < 0) return -1
    this.firstDue.put(hub, this.nextDue.at(row))
    this.listed.put(row, 0)
    return row
  }

  private list(row: number): void {
    const hub = this.hubOfRow.at(row)
    const first = this.firstDue.at(hub)
    if (first === 0) this.later.push(hub)
    this.nextDue.put(row, first)
    this.firstDue.put(hub, row + 1)
    this.listed.put(row, 1)
  }
}

/** Takes what is in a row of one set and not of another out of it. Answers how many bits that were. */
export function takeBits(from: BitRows, row: number, into: Uint32Array, but?: BitRows): number {
  let count = 0
  for (let w = 0; w < into.length; w++) {
    const at = row * from.width + w
    const word = from.words.at(at)
    const taken = but === undefined ? word : word & ~but.words.at(at)
    into[w] = taken
    if (taken === 0) continue
    from.words.put(at, word & ~taken)
    count += popcount(taken)
  }
  return count
}

/** The first bit of a row, or -1. */
export function firstBit(row: Uint32Array): number {
  for (let w = 0; w < row.length; w++) if (row[w] !== 0) return 32 * w + lowest(row[w] as number)
  return -1
}
