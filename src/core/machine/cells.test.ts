import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, bitsFor, checksum, copyOf, get, LayoutBuilder, newMachine, sameMachine, set } from './cells.ts'

const anyColumns = fc.array(fc.record({ length: fc.nat({ max: 9 }), max: fc.nat({ max: 2 ** 31 - 1 }) }), {
  minLength: 1,
  maxLength: 12,
})

describe('packed cells', () => {
  it('hold what is put into them, each for itself', () => {
    fc.assert(
      fc.property(anyColumns, fc.infiniteStream(fc.nat()), (specs, stream) => {
        const builder = new LayoutBuilder()
        const columns = specs.map(({ length, max }, i) => builder.column(`column ${i}`, length, max))
        const m = newMachine(builder.words)
        const written = columns.flatMap((column, c) =>
          Array.from({ length: column.length }, (_, i) => {
            const value = Number(stream.next().value) % ((specs[c]?.max ?? 0) + 1)
            set(m, column, i, value)
            return { column, i, value }
          }),
        )
        for (const { column, i, value } of written) expect(get(m, column, i)).toBe(value)
      }),
    )
  })

  it('never straddle a word, so that reading one is a load, a shift and a mask', () => {
    fc.assert(
      fc.property(anyColumns, specs => {
        const builder = new LayoutBuilder()
        for (const [i, { length, max }] of specs.entries()) builder.column(`column ${i}`, length, max)
        for (const { bits, shift } of builder.columns) for (const s of shift) expect(s + bits).toBeLessThanOrEqual(32)
      }),
    )
  })

  it('of another region lie in words of their own', () => {
    const builder = new LayoutBuilder()
    const mine = builder.column('mine', 1, 1)
    builder.region()
    const yours = builder.column('yours', 1, 1)
    expect([mine.word[0], yours.word[0], builder.words]).toEqual([0, 1, 2])
  })

  it('refuse values that 31 bits cannot hold', () => {
    expect(() => new LayoutBuilder().column('address', 1, 2 ** 31)).toThrow('address: values up to 2147483648')
  })

  it('count up and down', () => {
    const builder = new LayoutBuilder()
    const refcount = builder.column('refcount', 2, 3)
    const m = newMachine(builder.words)
    add(m, refcount, 1, 3)
    add(m, refcount, 1, -1)
    expect([get(m, refcount, 0), get(m, refcount, 1)]).toEqual([0, 2])
  })

  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [7, 3],
    [8, 4],
    [2 ** 31 - 1, 31],
  ])('values up to %i need %i bits', (max, bits) => {
    expect(bitsFor(max)).toBe(bits)
  })
})

describe('a machine', () => {
  const machine = (...words: number[]) => Uint32Array.from(words) as ReturnType<typeof newMachine>

  it('is copied, not shared', () => {
    const m = machine(1, 2)
    const copy = copyOf(m)
    copy[0] = 9
    expect([sameMachine(m, machine(1, 2)), sameMachine(m, copy), sameMachine(m, machine(1))]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('has a checksum that depends on every bit, and is the same in every browser: 32-bit FNV-1a', () => {
    expect(checksum(machine())).toBe('811c9dc5')
    // "abcd", "abcd" with one bit flipped.
    expect(checksum(machine(0x64636261))).toBe('ce3479bd')
    expect(checksum(machine(0x64636263))).not.toBe('ce3479bd')
  })
})
