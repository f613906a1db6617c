import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conform } from '../conformance/conform.ts'
import { readRecording } from './import.ts'
import { samples, textOf } from './testing/recordings.ts'

/** Lines of every kind from every recording: the calls and callbacks of small ones, no long runs. */
const slices: readonly (readonly string[])[] = samples
  .filter(s => !s.file.startsWith('large/') && !/600|2m|exit/.test(s.file))
  .flatMap(s => {
    const lines = textOf(s.file).split('\n')
    const call = lines.findLastIndex(line => /sys_\w+\(/.test(line))
    return [lines.slice(0, 24), lines.slice(call, call + 40), lines.slice(call + 25, call + 70)]
  })
  .filter(slice => slice.length > 0)

/** One change to a text: what a bad copy, a cut file, another kernel or a curious reader would do. */
type Change =
  | { readonly kind: 'cut' | 'drop' | 'double' | 'swap'; readonly at: number }
  | { readonly kind: 'put'; readonly at: number; readonly text: string }

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom('cut', 'drop', 'double', 'swap'), at: fc.nat(100_000) }),
  fc.record({
    kind: fc.constant('put' as const),
    at: fc.nat(100_000),
    text: fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\0',
        ' ',
        '-',
        '[',
        ']',
        ':',
        '(',
        '=',
        '0x',
        'ffffffffffffffff',
        '99999999999',
        'é',
        '\ud800',
      ),
      fc.string({ maxLength: 6 }),
    ),
  }),
)

function changed(lines: readonly string[], changes: readonly Change[]): string {
  let all = [...lines]
  for (const c of changes) {
    const i = c.at % Math.max(1, all.length)
    const line = all[i] ?? ''
    const column = (c.at * 7) % (line.length + 1)
    if (c.kind === 'drop') all.splice(i, 1)
    else if (c.kind === 'double') all.splice(i, 0, line)
    else if (c.kind === 'swap') all = [...all.slice(0, i), all[i + 1] ?? '', line, ...all.slice(i + 2)]
    else if (c.kind === 'cut') all[i] = line.slice(0, column)
    else if (c.kind === 'put') all[i] = line.slice(0, column) + c.text + line.slice(column + c.text.length)
  }
  return all.join('\n')
}

/** Lines of a text as the reader counts them: what follows the last line feed is one if there is any. */
const linesOf = (text: string): number => text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0)

describe('whatever is read for a recording', () => {
  it('accounts for every line, located problems and all, and throws nothing', () => {
    let inputs = 0
    fc.assert(
      fc.property(fc.constantFrom(...slices), fc.array(change, { minLength: 1, maxLength: 6 }), (slice, changes) => {
        const text = changed(slice, changes)
        const recording = readRecording([text])
        const { lines, header, blank, records, ignored, dropped, foreign } = recording.counts
        // Eight thousand times: expect() alone would take most of the time.
        if (lines !== linesOf(text)) expect(lines).toBe(linesOf(text))
        const all = header + blank + records + ignored + dropped + foreign
        if (all !== lines) expect(all).toBe(lines)
        const named = [...recording.ignored.values()].reduce((a, b) => a + b, 0)
        if (named !== ignored) expect(named).toBe(ignored)
        for (const p of recording.problems)
          if (!/^line \d+, column \d+$/.test(p.at)) expect(p.at).toMatch(/^line \d+, column \d+$/)
        const said = recording.problems.length + recording.moreProblems
        if (said < foreign) expect(said).toBeGreaterThanOrEqual(foreign)
        inputs++
      }),
      { numRuns: 8_000, seed: 1 },
    )
    expect(inputs).toBe(8_000)
  })

  it('is compared without throwing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...slices), fc.array(change, { minLength: 1, maxLength: 4 }), (slice, changes) => {
        const recording = readRecording([changed(slice, changes)])
        const report = conform(recording, () => [])
        for (const step of report.steps) expect(step.verdict).toBe('not-modelled')
      }),
      { numRuns: 2_500, seed: 2 },
    )
  })

  it('is read the same in any pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...slices),
        fc.array(change, { maxLength: 3 }),
        fc.nat(400),
        (slice, changes, size) => {
          const text = changed(slice, changes)
          const pieces = Array.from({ length: Math.ceil(text.length / (size + 1)) }, (_, i) =>
            text.slice(i * (size + 1), (i + 1) * (size + 1)),
          )
          expect(readRecording(pieces)).toEqual(readRecording([text]))
        },
      ),
      { numRuns: 500, seed: 3 },
    )
  })

  it('takes time in proportion to its length', () => {
    const noise = 'x-1 [000] ..... 1.000001: sys_munmap(addr: 0, len: ffffffffffff)\n(((((-1 [0] [0] [0] : : :\n'
    const read = (times: number): number => {
      const before = performance.now()
      conform(readRecording([noise.repeat(times)]), () => [])
      return performance.now() - before
    }
    read(2_000)
    const short = Math.max(5, Math.min(read(4_000), read(4_000)))
    // Eight times the text: eight times the time, or the noise of a busy machine, but not sixty-four times.
    expect(read(32_000)).toBeLessThan(short * 40)
  })
})
