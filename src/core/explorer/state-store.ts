import { Growing } from './growing.ts'
import { WordTable } from './word-table.ts'

/** All states found, as packed words, each kept once, with how it was first reached. */
export class StateStore {
  private readonly table: WordTable
  /** By state: the state it was first reached from, and by which move. */
  private readonly parents = new Growing(Uint32Array)
  private readonly moves = new Growing(Uint32Array)

  constructor(words: number) {
    this.table = new WordTable(words)
  }

  get size(): number {
    return this.table.size
  }

  get bytes(): number {
    return this.table.bytes + this.parents.bytes + this.moves.bytes
  }

  /** Copies a state out. */
  load(state: number, into: Uint32Array): void {
    this.table.load(state, into)
  }

  parentOf(state: number): number {
    return this.parents.at(state)
  }

  moveInto(state: number): number {
    return this.moves.at(state)
  }

  /** Number of the state, or -1 when it is not there. */
  find(words: Uint32Array): number {
    return this.table.find(words)
  }

  /** Adds the state unless it is there. True when it was new; its number is then `size - 1`. */
  add(words: Uint32Array, parent: number, move: number): boolean {
    const before = this.table.size
    this.table.intern(words)
    if (this.table.size === before) return false
    this.parents.push(parent)
    this.moves.push(move)
    return true
  }
}
