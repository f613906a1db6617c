import { Growing } from './growing.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'
import { WordTable } from './word-table.ts'

/** A far tuple as its prefix, all its parts but the last, and its column, the last one. */
export class Split {
  private readonly pieces: Pieces
  private readonly length: number
  private readonly prefixes: WordTable
  private readonly fars = new PairTable()
  private readonly prefix: Uint32Array
  private readonly tuple: Uint32Array
  /** By far tuple. */
  private readonly prefixAt = new Growing(Uint32Array)
  private readonly columnAt = new Growing(Uint32Array)

  constructor(pieces: Pieces) {
    this.pieces = pieces
    this.length = pieces.far.table.words
    this.prefixes = new WordTable(this.length - 1)
    this.prefix = new Uint32Array(this.length - 1)
    this.tuple = new Uint32Array(this.length)
  }

  get bytes(): number {
    return this.prefixes.bytes + this.fars.bytes + this.prefixAt.bytes + this.columnAt.bytes
  }

  farOf(prefix: number, column: number): number {
    const known = this.fars.get(prefix, column)
    if (known >= 0) return known
    this.prefixes.load(prefix, this.prefix)
    this.tuple.set(this.prefix)
    this.tuple[this.length - 1] = column
    const far = this.pieces.far.table.intern(this.tuple)
    this.fars.add(prefix, column, far)
    return far
  }

  prefixOf(far: number): number {
    this.reach(far)
    return this.prefixAt.at(far)
  }

  columnOf(far: number): number {
    this.reach(far)
    return this.columnAt.at(far)
  }

  private reach(far: number): void {
    for (let next = this.prefixAt.length; next <= far; next++) {
      this.pieces.far.table.load(next, this.tuple)
      this.prefix.set(this.tuple.subarray(0, this.length - 1))
      this.prefixAt.push(this.prefixes.intern(this.prefix))
      this.columnAt.push(this.tuple[this.length - 1] as number)
    }
  }
}
