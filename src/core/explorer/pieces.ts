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
  readonly far: Tuples
  readonly near: Tuples
  /** By part: its rows. Part 0 is the shared one. */
  private readonly rows: readonly WordTable[]
  /** By hub: shared part, near tuple. */
  private readonly hubs = new WordTable(2)
  private readonly hubOfPair = new PairTable()
  private readonly pair = new Uint32Array(2)
  /** By part: its words in a state, and room for them. */
  readonly wordsOf: readonly (readonly number[])[]
  private readonly scratch: readonly Uint32Array[]
  /** By word of a state: its part, and its place in it. */
  readonly partOf: Uint8Array
  private readonly placeOf: Uint8Array
  /** By part: is it far, and its place in the tuples of its group. */
  readonly isFar: readonly boolean[]
  readonly slotOf: Uint8Array

  constructor(system: TransitionSystem, { partOf, groupOf }: Parts) {
    this.wordsOf = Array.from({ length: groupOf.length + 1 }, (_, part) =>
      partOf.flatMap((p, word) => (p === part ? [word] : [])),
    )
    this.partOf = Uint8Array.from(partOf)
    this.placeOf = new Uint8Array(system.words)
    for (const words of this.wordsOf) for (const [place, word] of words.entries()) this.placeOf[word] = place
    this.scratch = this.wordsOf.map(words => new Uint32Array(words.length))
    this.rows = this.wordsOf.map(words => new WordTable(words.length))
    const isFar = [false, ...groupOf.map(group => group !== 0)]
    this.isFar = isFar
    this.slotOf = Uint8Array.from(isFar, (far, part) => isFar.slice(1, Math.max(1, part)).filter(f => f === far).length)
    this.near = new Tuples(groupOf.filter(g => g === 0).length)
    this.far = new Tuples(groupOf.filter(g => g !== 0).length)
  }

  get parts(): number {
    return this.rows.length
  }

  get bytes(): number {
    const tables = [this.near, this.far, this.hubs, this.hubOfPair, ...this.rows]
    return tables.reduce((sum, table) => sum + table.bytes, 0)
  }

  get hubCount(): number {
    return this.hubs.size
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

  /** A part of a state, by its row. */
  rowOf(hub: number, far: number, part: number): number {
    if (part === 0) return this.hubs.word(hub, 0)
    const slot = this.slotOf[part] as number
    return this.isFar[part] ? this.far.table.word(far, slot) : this.near.table.word(this.hubs.word(hub, 1), slot)
  }

  /** A word of a state. */
  wordOf(hub: number, far: number, word: number): number {
    const part = this.partOf[word] as number
    return (this.rows[part] as WordTable).word(this.rowOf(hub, far, part), this.placeOf[word] as number)
  }

  /** The whole state. */
  assemble(hub: number, far: number, into: Uint32Array): void {
    for (let part = 0; part < this.rows.length; part++) {
      const words = this.wordsOf[part] as readonly number[]
      const table = this.rows[part] as WordTable
      const row = this.rowOf(hub, far, part)
      for (let i = 0; i < words.length; i++) into[words[i] as number] = table.word(row, i)
    }
  }

  /** Hub and far tuple of a whole state. */
  take(state: Uint32Array): { readonly hub: number; readonly far: number } {
    const rows = this.rows.map((table, part) => table.intern(this.cut(part, state)))
    const local = rows.map((_, part) => part).slice(1)
    const tupleOf = (far: boolean) =>
      Uint32Array.from(local.filter(p => this.isFar[p] === far).map(p => rows[p] as number))
    const near = this.near.table.intern(tupleOf(false))
    return { hub: this.hubOf(rows[0] as number, near), far: this.far.table.intern(tupleOf(true)) }
  }

  /** A row with some bits changed: `edit` is word of the state, bits, value, and so on. */
  edited(part: number, row: number, edit: readonly number[]): number {
    const words = this.scratch[part] as Uint32Array
    const table = this.rows[part] as WordTable
    table.load(row, words)
    for (let i = 0; i < edit.length; i += 3) {
      const place = this.placeOf[edit[i] as number] as number
      words[place] = (((words[place] as number) & ~(edit[i + 1] as number)) | (edit[i + 2] as number)) >>> 0
    }
    return table.intern(words)
  }

  private cut(part: number, state: Uint32Array): Uint32Array {
    const words = this.wordsOf[part] as readonly number[]
    const row = this.scratch[part] as Uint32Array
    for (let i = 0; i < words.length; i++) row[i] = state[words[i] as number] as number
    return row
  }
}
