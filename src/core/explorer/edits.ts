import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'

/** Changes of single bits in a part, whatever the rest of it is. */
export class Edits {
  private readonly pieces: Pieces
  /** By edit: word, bits, value; word, bits, value, and so on. */
  private readonly list: (readonly number[])[] = []
  private readonly byText = new Map<string, number>()
  private readonly applied: readonly PairTable[]

  constructor(pieces: Pieces) {
    this.pieces = pieces
    this.applied = pieces.wordsOf.map(() => new PairTable())
  }

  get bytes(): number {
    return this.applied.reduce((sum, table) => sum + table.bytes, 0)
  }

  intern(edit: readonly number[]): number {
    const text = edit.join(' ')
    const known = this.byText.get(text)
    if (known !== undefined) return known
    this.byText.set(text, this.list.length)
    return this.list.push(edit) - 1
  }

  /** The part after the edit. */
  apply(edit: number, part: number, row: number): number {
    const table = this.applied[part] as PairTable
    const known = table.get(edit, row)
    if (known >= 0) return known
    const after = this.pieces.edited(part, row, this.list[edit] as readonly number[])
    table.add(edit, row, after)
    return after
  }
}
