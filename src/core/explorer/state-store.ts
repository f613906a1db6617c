/** Words of one chunk of the arena: 4 MiB. A state never lies across two chunks. */
const CHUNK_WORDS = 2 ** 20
const FIRST_SLOTS = 2 ** 12

/**
 * All states found, as packed words in an arena, each kept once. Found again by an open-addressing index that compares whole
 * states, so that two different ones are never taken for the same. Allocates by chunks, never by state.
 */
export class StateStore {
  private readonly words: number
  private readonly perChunk: number
  private readonly chunks: Uint32Array[] = []
  /** By slot: state + 1, and its hash. 0: empty. */
  private slots = new Uint32Array(2 * FIRST_SLOTS)
  private mask = FIRST_SLOTS - 1
  private count = 0
  /** By state: the state it was first reached from, and by which move. */
  private parents = new Uint32Array(FIRST_SLOTS)
  private moves = new Uint32Array(FIRST_SLOTS)

  constructor(words: number) {
    this.words = words
    this.perChunk = Math.max(1, Math.floor(CHUNK_WORDS / Math.max(1, words)))
  }

  get size(): number {
    return this.count
  }

  get bytes(): number {
    return this.chunks.length * this.perChunk * this.words * 4 + (this.slots.length + 2 * this.parents.length) * 4
  }

  /** Copies a state out. */
  load(state: number, into: Uint32Array): void {
    const chunk = this.chunks[Math.floor(state / this.perChunk)] as Uint32Array
    const from = (state % this.perChunk) * this.words
    for (let i = 0; i < this.words; i++) into[i] = chunk[from + i] as number
  }

  parentOf(state: number): number {
    return this.parents[state] as number
  }

  moveInto(state: number): number {
    return this.moves[state] as number
  }

  /** Adds the state unless it is there. True when it was new; its number is then `size - 1`. */
  add(words: Uint32Array, parent: number, move: number): boolean {
    const hash = hashOf(words)
    let slot = hash & this.mask
    for (;;) {
      const found = this.slots[2 * slot] as number
      if (found === 0) break
      if (this.slots[2 * slot + 1] === hash && this.same(found - 1, words)) return false
      slot = (slot + 1) & this.mask
    }
    this.insert(slot, hash, words, parent, move)
    return true
  }

  /** Number of the state, or -1 when it is not there. */
  find(words: Uint32Array): number {
    const hash = hashOf(words)
    for (let slot = hash & this.mask; ; slot = (slot + 1) & this.mask) {
      const found = this.slots[2 * slot] as number
      if (found === 0) return -1
      if (this.slots[2 * slot + 1] === hash && this.same(found - 1, words)) return found - 1
    }
  }

  private insert(slot: number, hash: number, words: Uint32Array, parent: number, move: number): void {
    const state = this.count++
    const at = Math.floor(state / this.perChunk)
    if (at === this.chunks.length) this.chunks.push(new Uint32Array(this.perChunk * this.words))
    ;(this.chunks[at] as Uint32Array).set(words, (state % this.perChunk) * this.words)
    if (state === this.parents.length) {
      this.parents = doubled(this.parents)
      this.moves = doubled(this.moves)
    }
    this.parents[state] = parent
    this.moves[state] = move
    this.slots[2 * slot] = state + 1
    this.slots[2 * slot + 1] = hash
    if (2 * this.count > this.mask) this.grow()
  }

  private same(state: number, words: Uint32Array): boolean {
    const chunk = this.chunks[Math.floor(state / this.perChunk)] as Uint32Array
    const from = (state % this.perChunk) * this.words
    for (let i = 0; i < this.words; i++) if (chunk[from + i] !== words[i]) return false
    return true
  }

  private grow(): void {
    const old = this.slots
    this.mask = 2 * this.mask + 1
    this.slots = new Uint32Array(2 * (this.mask + 1))
    for (let i = 0; i < old.length; i += 2) {
      const state = old[i] as number
      if (state === 0) continue
      const hash = old[i + 1] as number
      let slot = hash & this.mask
      while (this.slots[2 * slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[2 * slot] = state
      this.slots[2 * slot + 1] = hash
    }
  }
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(2 * column.length)
  wider.set(column)
  return wider
}

/** Mixes every word; only spreads states over slots, and decides nothing. */
function hashOf(words: Uint32Array): number {
  let h = 0x9e3779b9
  for (let i = 0; i < words.length; i++) {
    h = Math.imul(h ^ (words[i] as number), 0x85ebca6b)
    h ^= h >>> 15
  }
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
