import { PairTable } from './pair-table.ts'
import type { Parts, TransitionSystem } from './system.ts'
import { WordTable } from './word-table.ts'

/** Interned tuples of local parts, and what becomes of one when a local part is replaced. */
class Tuples {
  readonly table: WordTable
  private readonly replaced: readonly PairTable[]
  private readonly scratch: Uint32Array

  constructor(length: number) {
    this.table = new WordTable(length)
    this.scratch = new Uint32Array(length)
    this.replaced = Array.from({ length }, () => new PairTable())
  }

  get bytes(): number {
    return this.replaced.reduce((sum, table) => sum + table.bytes, this.table.bytes)
  }

  replace(tuple: number, slot: number, by: number): number {
    const memo = this.replaced[slot] as PairTable
    let replaced = memo.get(tuple, by)
    if (replaced < 0) {
      this.table.load(tuple, this.scratch)
      this.scratch[slot] = by
      replaced = this.table.intern(this.scratch)
      memo.add(tuple, by, replaced)
    }
    return replaced
  }
}

/**
 * States in pieces. Every part is interned, then the tuples of near and of far local parts, then the pair of shared part and
 * near tuple, which is a hub. So a state is two small numbers: its hub and its far tuple.
 */
export class Pieces {
  readonly locals: readonly WordTable[]
  readonly far: Tuples
  readonly near: Tuples
  private readonly shared: WordTable
  /** By hub: shared part, near tuple. */
  private readonly hubs = new WordTable(2)
  private readonly hubOfPair = new PairTable()
  private readonly pair = new Uint32Array(2)
  /** By part: its words in a state, and room for them. */
  private readonly wordsOf: readonly (readonly number[])[]
  private readonly scratch: readonly Uint32Array[]
  /** By word of a state: its place in its part, and its local part. */
  private readonly placeOf: Uint32Array
  private readonly localOfWord: Int32Array
  /** By local part: is it far, and its place in the tuples of its group. */
  readonly isFar: readonly boolean[]
  readonly slotOf: readonly number[]

  constructor(system: TransitionSystem, { partOf, groupOf }: Parts) {
    this.wordsOf = Array.from({ length: groupOf.length + 1 }, (_, part) =>
      partOf.flatMap((p, word) => (p === part ? [word] : [])),
    )
    this.placeOf = new Uint32Array(system.words)
    for (const words of this.wordsOf) for (const [place, word] of words.entries()) this.placeOf[word] = place
    this.localOfWord = Int32Array.from(partOf, part => part - 1)
    this.scratch = this.wordsOf.map(words => new Uint32Array(words.length))
    const [shared, ...locals] = this.wordsOf.map(words => new WordTable(words.length))
    this.shared = shared as WordTable
    this.locals = locals
    this.isFar = groupOf.map(group => group === 1)
    this.slotOf = groupOf.map((group, local) => groupOf.slice(0, local).filter(g => g === group).length)
    this.near = new Tuples(groupOf.filter(g => g === 0).length)
    this.far = new Tuples(groupOf.filter(g => g === 1).length)
  }

  get bytes(): number {
    const tables = [this.shared, this.near, this.far, this.hubs, this.hubOfPair, ...this.locals]
    return tables.reduce((sum, table) => sum + table.bytes, 0)
  }

  sharedOf(hub: number): number {
    return this.hubs.word(hub, 0)
  }

  nearOf(hub: number): number {
    return this.hubs.word(hub, 1)
  }

  hubOf(shared: number, near: number): number {
    let hub = this.hubOfPair.get(shared, near)
    if (hub < 0) {
      this.pair[0] = shared
      this.pair[1] = near
      hub = this.hubs.intern(this.pair)
      this.hubOfPair.add(shared, near, hub)
    }
    return hub
  }

  /** A local part of a state, by its number. */
  localOf(hub: number, far: number, local: number): number {
    const slot = this.slotOf[local] as number
    return this.isFar[local] ? this.far.table.word(far, slot) : this.near.table.word(this.hubs.word(hub, 1), slot)
  }

  /** A word of a state that belongs to a local part. */
  wordOf(hub: number, far: number, word: number): number {
    const local = this.localOfWord[word] as number
    return (this.locals[local] as WordTable).word(this.localOf(hub, far, local), this.placeOf[word] as number)
  }

  /** The whole state. */
  assemble(hub: number, far: number, into: Uint32Array): void {
    this.spread(0, this.shared, this.sharedOf(hub), into)
    for (let local = 0; local < this.locals.length; local++)
      this.spread(local + 1, this.locals[local] as WordTable, this.localOf(hub, far, local), into)
  }

  /** Number of the shared part of a whole state. */
  sharedIn(state: Uint32Array): number {
    return this.shared.intern(this.cut(0, state))
  }

  /** Number of one local part of a whole state. */
  localIn(state: Uint32Array, local: number): number {
    return (this.locals[local] as WordTable).intern(this.cut(local + 1, state))
  }

  /** Hub and far tuple of a whole state. */
  take(state: Uint32Array): { readonly hub: number; readonly far: number } {
    const rows = this.locals.map((_, local) => this.localIn(state, local))
    const near = this.near.table.intern(Uint32Array.from(rows.filter((_, local) => !this.isFar[local])))
    const far = this.far.table.intern(Uint32Array.from(rows.filter((_, local) => this.isFar[local])))
    return { hub: this.hubOf(this.sharedIn(state), near), far }
  }

  wordsOfLocal(local: number): readonly number[] {
    return this.wordsOf[local + 1] as readonly number[]
  }

  /** A local part with some bits changed: `edit` is word of the state, bits, value, and so on. */
  edited(local: number, row: number, edit: readonly number[]): number {
    const words = this.scratch[local + 1] as Uint32Array
    const table = this.locals[local] as WordTable
    table.load(row, words)
    for (let i = 0; i < edit.length; i += 3) {
      const place = this.placeOf[edit[i] as number] as number
      words[place] = (((words[place] as number) & ~(edit[i + 1] as number)) | (edit[i + 2] as number)) >>> 0
    }
    return table.intern(words)
  }

  private spread(part: number, table: WordTable, row: number, into: Uint32Array): void {
    const words = this.wordsOf[part] as readonly number[]
    for (let i = 0; i < words.length; i++) into[words[i] as number] = table.word(row, i)
  }

  private cut(part: number, state: Uint32Array): Uint32Array {
    const words = this.wordsOf[part] as readonly number[]
    const row = this.scratch[part] as Uint32Array
    for (let i = 0; i < words.length; i++) row[i] = state[words[i] as number] as number
    return row
  }
}
