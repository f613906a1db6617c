import { Growing } from './growing.ts'

/** Rows of bits, all equally wide, that grow in number and in width. */
export class BitRows {
  /** Words of a row. */
  width = 1
  words = new Growing(Uint32Array)
  private rows = 0

  get bytes(): number {
    return this.words.bytes
  }

  /** Adds an empty row. */
  push(): void {
    for (let w = 0; w < this.width; w++) this.words.push(0)
    this.rows++
  }

  /** Makes sure that there is a row of this number. */
  reach(row: number): void {
    while (this.rows <= row) this.push()
  }

  /** Makes every row wide enough for so many bits. */
  widen(bits: number): void {
    while (32 * this.width < bits) {
      const old = this.words
      const from = this.width
      this.width *= 2
      this.words = new Growing(Uint32Array)
      for (let row = 0; row < this.rows; row++) {
        for (let w = 0; w < from; w++) this.words.push(old.at(row * from + w))
        for (let w = from; w < this.width; w++) this.words.push(0)
      }
    }
  }
}

/** How many bits of a word are set. */
export function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** The lowest bit that is set, by number. The word is not 0. */
export const lowest = (word: number): number => 31 - Math.clz32(word & -word)
