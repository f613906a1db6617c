const FIRST_SLOTS = 2 ** 10
const SLOT = 3

/** A map from two numbers below 2^32 to one below 2^32 - 1, in open addressing. Nothing is allocated per entry. */
export class PairTable {
  /** By slot: both keys, then value + 1. 0: empty. */
  private slots = new Uint32Array(SLOT * FIRST_SLOTS)
  private mask = FIRST_SLOTS - 1
  private count = 0

  get bytes(): number {
    return this.slots.byteLength
  }

  /** The value, or -1 when there is none. */
  get(a: number, b: number): number {
    const { slots, mask } = this
    let slot = spread(a, b) & mask
    for (;;) {
      const at = SLOT * slot
      const value = slots[at + 2] as number
      if (value === 0) return -1
      if (slots[at] === a && slots[at + 1] === b) return value - 1
      slot = (slot + 1) & mask
    }
  }

  /** Adds a value for keys that have none yet. */
  add(a: number, b: number, value: number): void {
    this.insert(a, b, value + 1)
    if (2 * ++this.count > this.mask) this.grow()
  }

  private insert(a: number, b: number, stored: number): void {
    let slot = spread(a, b) & this.mask
    while (this.slots[SLOT * slot + 2] !== 0) slot = (slot + 1) & this.mask
    const at = SLOT * slot
    this.slots[at] = a
    this.slots[at + 1] = b
    this.slots[at + 2] = stored
  }

  private grow(): void {
    const old = this.slots
    this.mask = 2 * this.mask + 1
    this.slots = new Uint32Array(SLOT * (this.mask + 1))
    for (let at = 0; at < old.length; at += SLOT) {
      const stored = old[at + 2] as number
      if (stored !== 0) this.insert(old[at] as number, old[at + 1] as number, stored)
    }
  }
}

/** Spreads two small numbers over 32 bits; decides nothing. */
function spread(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
