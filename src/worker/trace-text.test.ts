import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keptText } from './trace-text.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function kept(...pieces: readonly string[]) {
  const text = keptText()
  for (const piece of pieces) text.keep(encode(piece))
  return text
}

describe('the lines of a recording', () => {
  it('are found by number, however the text was cut', () => {
    expect(kept('one\ntw', 'o\n', '\nfour').lines(2, 4)).toEqual([
      { number: 2, text: 'two' },
      { number: 3, text: '' },
      { number: 4, text: 'four' },
    ])
  })

  it('end where the text ends', () => {
    expect(kept('one\n').lines(1, 9)).toEqual([{ number: 1, text: 'one' }])
    expect(kept('one\n').lines(7, 9)).toEqual([])
    expect(keptText().lines(1, 9)).toEqual([])
  })

  it('are the lines that splitting gives', () => {
    const line = fc.string({ maxLength: 6 }).map(s => s.replaceAll(/[\r\n]/g, ' '))
    fc.assert(
      fc.property(fc.array(line), fc.nat(30), fc.nat(30), fc.nat(40), (all, from, more, at) => {
        const text = all.join('\n')
        const bytes = encode(text)
        const held = keptText()
        held.keep(bytes.slice(0, at))
        held.keep(bytes.slice(at))
        const first = Math.max(1, from)
        const whole = text.split('\n').map((line, i) => ({ number: i + 1, text: line }))
        if (whole.at(-1)?.text === '') whole.pop()
        expect(held.lines(from, first + more)).toEqual(whole.slice(first - 1, first + more))
      }),
    )
  })

  it('are cut where nobody would read on', () => {
    expect(kept('x'.repeat(5000)).lines(1, 1)[0]?.text.length).toBe(601)
  })
})
