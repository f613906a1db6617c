/** Words of one chunk of the arena, about: 1 MiB. A row never lies across two chunks. */
const CHUNK_WORDS = 2 ** 18
const FIRST_SLOTS = 2 ** 10

/**
 * Rows of words, each kept once and numbered as they came. Found again by an open-addressing index that compares whole rows, so
 * that two different ones are never taken for the same. Allocates by chunks, never by row.
 */
export class WordTable {
  readonly words: number
  /** Rows of a chunk, as a power of two. */
  private readonly shift: number
  private readonly within: number
  private readonly chunks: Uint32Array[] = []
  /** By slot: row + 1, and its hash. 0: empty. */
  private slots = new Uint32Array(2 * FIRST_SLOTS)
  private mask = FIRST_SLOTS - 1
  private count = 0

  constructor(words: number) {
    this.words = words
    this.shift = Math.max(0, Math.floor(Math.log2(CHUNK_WORDS / Math.max(1, words))))
    this.within = 2 ** this.shift - 1
  }

  get size(): number {
    return this.count
  }

  get bytes(): number {
    return (this.chunks.length * 2 ** this.shift * this.words + this.slots.length) * 4
  }

  /** Copies a row out. */
  load(row: number, into: Uint32Array): void {
    const chunk = this.chunks[row >>> this.shift] as Uint32Array
    const from = (row & this.within) * this.words
    for (let i = 0; i < this.words; i++) into[i] = chunk[from + i] as number
  }

  /** One word of a row. */
  word(row: number, i: number): number {
    return (this.chunks[row >>> this.shift] as Uint32Array)[(row & this.within) * this.words + i] as number
  }

  /** Number of the row, or -1 when it is not there. */
  find(words: Uint32Array): number {
    return (this.slots[2 * this.slotOf(words, hashOf(words))] as number) - 1
  }

  /** Number of the row, which is added unless it is there. It was new when `size` has grown. */
  intern(words: Uint32Array): number {
    const hash = hashOf(words)
    const slot = this.slotOf(words, hash)
    const found = this.slots[2 * slot] as number
    if (found !== 0) return found - 1
    const row = this.count++
    const at = row >>> this.shift
    if (at === this.chunks.length) this.chunks.push(new Uint32Array(2 ** this.shift * this.words))
    ;(this.chunks[at] as Uint32Array).set(words, (row & this.within) * this.words)
    this.slots[2 * slot] = row + 1
    this.slots[2 * slot + 1] = hash
    if (2 * this.count > this.mask) this.grow()
    return row
  }

  /** The slot of this row, or the empty one where it belongs. */
  private slotOf(words: Uint32Array, hash: number): number {
    let slot = hash & this.mask
    for (;;) {
      const found = this.slots[2 * slot] as number
      if (found === 0 || (this.slots[2 * slot + 1] === hash && this.same(found - 1, words))) return slot
      slot = (slot + 1) & this.mask
    }
  }

  private same(row: number, words: Uint32Array): boolean {
    const chunk = this.chunks[row >>> this.shift] as Uint32Array
    const from = (row & this.within) * this.words
    for (let i = 0; i < this.words; i++) if (chunk[from + i] !== words[i]) return false
    return true
  }

  private grow(): void {
    const old = this.slots
    this.mask = 2 * this.mask + 1
    this.slots = new Uint32Array(2 * (this.mask + 1))
    for (let i = 0; i < old.length; i += 2) {
      const row = old[i] as number
      if (row === 0) continue
      const hash = old[i + 1] as number
      let slot = hash & this.mask
      while (this.slots[2 * slot] !== 0) slot = (slot + 1) & this.mask
      this.slots[2 * slot] = row
      this.slots[2 * slot + 1] = hash
    }
  }
}

/** Mixes every word; only spreads rows over slots, and decides nothing. */
function hashOf(words: Uint32Array): number {
  let h = 0x9e3779b9
  for (let i = 0; i < words.length; i++) {
    h = Math.imul(h ^ (words[i] as number), 0x85ebca6b)
    h ^= h >>> 15
  }
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
