import { Growing } from './growing.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'
import { WordTable } from './word-table.ts'

/** A far tuple as two smaller ones: the parts that are rows of a matrix, and those that are columns. */
export class Split {
  private readonly pieces: Pieces
  /** Places in the far tuple. */
  private readonly prefixSlots: readonly number[]
  private readonly columnSlots: readonly number[]
  private readonly prefixes: WordTable
  private readonly columns: WordTable
  private readonly fars = new PairTable()
  /** By part: its place in a column; and what becomes of columns when it is replaced. */
  private readonly slotInColumn: readonly number[]
  private readonly replaced: readonly PairTable[]
  private readonly prefix: Uint32Array
  private readonly column: Uint32Array
  private readonly tuple: Uint32Array
  /** By far tuple. */
  private readonly prefixAt = new Growing(Uint32Array)
  private readonly columnAt = new Growing(Uint32Array)

  /** `columnParts`: one bit for each part that is a column. */
  constructor(pieces: Pieces, columnParts: number) {
    this.pieces = pieces
    const far = pieces.isFar.flatMap((isFar, part) => (isFar ? [part] : []))
    const isColumn = (part: number): boolean => (columnParts & (1 << part)) !== 0
    this.columnSlots = far.flatMap((part, slot) => (isColumn(part) ? [slot] : []))
    this.prefixSlots = far.flatMap((part, slot) => (isColumn(part) ? [] : [slot]))
    this.slotInColumn = pieces.isFar.map((_, part) => far.filter(isColumn).indexOf(part))
    this.replaced = pieces.isFar.map(() => new PairTable())
    this.prefixes = new WordTable(this.prefixSlots.length)
    this.columns = new WordTable(this.columnSlots.length)
    this.prefix = new Uint32Array(this.prefixSlots.length)
    this.column = new Uint32Array(this.columnSlots.length)
    this.tuple = new Uint32Array(far.length)
  }

  get bytes(): number {
    const kept = [...this.replaced, this.prefixes, this.columns, this.fars, this.prefixAt, this.columnAt]
    return kept.reduce((sum, part) => sum + part.bytes, 0)
  }

  farOf(prefix: number, column: number): number {
    const known = this.fars.get(prefix, column)
    if (known >= 0) return known
    this.prefixes.load(prefix, this.prefix)
    this.columns.load(column, this.column)
    for (const [i, slot] of this.prefixSlots.entries()) this.tuple[slot] = this.prefix[i] as number
    for (const [i, slot] of this.columnSlots.entries()) this.tuple[slot] = this.column[i] as number
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

  /** Row of a part in a column. */
  rowIn(column: number, part: number): number {
    return this.columns.word(column, this.slotInColumn[part] as number)
  }

  /** The column with one of its parts replaced. */
  replaceIn(column: number, part: number, row: number): number {
    const memo = this.replaced[part] as PairTable
    const known = memo.get(column, row)
    if (known >= 0) return known
    this.columns.load(column, this.column)
    this.column[this.slotInColumn[part] as number] = row
    const replaced = this.columns.intern(this.column)
    memo.add(column, row, replaced)
    return replaced
  }

  private reach(far: number): void {
    for (let next = this.prefixAt.length; next <= far; next++) {
      this.pieces.far.table.load(next, this.tuple)
      for (const [i, slot] of this.prefixSlots.entries()) this.prefix[i] = this.tuple[slot] as number
      for (const [i, slot] of this.columnSlots.entries()) this.column[i] = this.tuple[slot] as number
      this.prefixAt.push(this.prefixes.intern(this.prefix))
      this.columnAt.push(this.columns.intern(this.column))
    }
  }
}
