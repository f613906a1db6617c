import { Growing } from './growing.ts'
import { PairTable } from './pair-table.ts'

/** Bits of a page, as a power of two, and its words. */
const PAGE_BITS = 9
const PAGE_WORDS = 2 ** PAGE_BITS / 32

/** A set of pairs of numbers, one bit each: pages of bits for those that share the first number and are near in the second. */
export class PairSet {
  private readonly pages = new PairTable()
  private readonly words = new Growing(Uint32Array)
  size = 0

  get bytes(): number {
    return this.pages.bytes + this.words.bytes
  }

  /** Adds the pair. True when it was not there. */
  add(a: number, b: number): boolean {
    const high = b >>> PAGE_BITS
    let page = this.pages.get(a, high)
    if (page < 0) {
      page = this.words.length / PAGE_WORDS
      for (let i = 0; i < PAGE_WORDS; i++) this.words.push(0)
      this.pages.add(a, high, page)
    }
    const at = page * PAGE_WORDS + ((b >>> 5) & (PAGE_WORDS - 1))
    const bit = 1 << (b & 31)
    const before = this.words.at(at)
    if ((before & bit) !== 0) return false
    this.words.put(at, before | bit)
    this.size++
    return true
  }
}
