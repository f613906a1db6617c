import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conform } from '../conformance/conform.ts'
import type { OperationReport } from '../conformance/report.ts'
import { readRecording } from './import.ts'
import { samples, textOf } from './testing/recordings.ts'
import { harmful, harmless, together } from './testing/variants.ts'

/** One of each kind of operation, and of each kernel: the short ones, so that many variants can be tried. */
const short = samples.filter(s => !/large|600|2m|thp_split\.|exit_live/.test(s.file))
const texts = new Map(short.map(s => [s.file, textOf(s.file)]))
const textNamed = (file: string): string => texts.get(file) ?? ''

const reportOf = (text: string) => conform(readRecording([text]), () => ({ why: 'it is not asked' }))

/** What must not change: what was done, phase by phase, and what held. Of CPUs only how many. */
const story = (o: OperationReport): string =>
  `${o.name}, ${o.description.range.end - o.description.range.start} pages, ${o.description.pages.length} mapped: ${o.observed
    .join(' > ')
    .replaceAll(/@cpu\d+/g, '@cpu')}; ${o.claims.map(c => c.measured).join(', ')}`

const storiesOf = (text: string): string[] => reportOf(text).steps.flatMap(s => s.operations.map(story))
const known = new Map(short.map(s => [s.file, storiesOf(textNamed(s.file))]))

describe('a recording like one of these', () => {
  it('has the same operations, whatever its names, numbers and clock, and whoever else is at work', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...short.map(s => s.file)),
        fc.array(harmless, { minLength: 1, maxLength: 3 }),
        (file, variants) => {
          const text = variants.reduce((t, v) => v.apply(t), textNamed(file))
          const found = storiesOf(text)
          if (found.join('\n') !== known.get(file)?.join('\n'))
            expect([file, variants.map(v => v.what), found]).toEqual([file, variants.map(v => v.what), known.get(file)])
        },
      ),
      { numRuns: 120, seed: 21 },
    )
  })

  it('has the operations of both when two processes were at work at once', () => {
    const of = (kernel: string) => short.filter(s => s.kernel === kernel && !s.guest).map(s => s.file)
    const pair = fc
      .constantFrom('6.1', '6.12')
      .chain(k => fc.tuple(fc.constantFrom(...of(k)), fc.constantFrom(...of(k))))
    fc.assert(
      fc.property(pair, fc.array(fc.boolean(), { minLength: 3, maxLength: 40 }), ([one, other], order) => {
        const text = together(textNamed(one), textNamed(other), [...order, true, false])
        // Without markers more faults follow one another: which of them are one operation is another matter.
        const calls = (all: readonly string[]) => all.filter(s => !s.startsWith('fault')).sort()
        const expected = calls([one, other].flatMap(file => known.get(file) ?? []))
        const found = calls(storiesOf(text))
        if (found.join('\n') !== expected.join('\n')) expect([one, other, found]).toEqual([one, other, expected])
      }),
      { numRuns: 40, seed: 22 },
    )
  })

  it('is read as far as it goes when something was lost, and every complaint has its place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...short.map(s => s.file)),
        fc.array(fc.oneof(harmful, harmless), { minLength: 1, maxLength: 4 }),
        (file, variants) => {
          const text = variants.reduce((t, v) => v.apply(t), textNamed(file))
          const report = reportOf(text)
          for (const p of report.problems)
            if (!/^line \d+, column \d+$/.test(p.at)) throw new Error(`no place: ${p.at}`)
          for (const o of report.steps.flatMap(s => s.operations)) {
            if (o.verdict !== 'not-modelled') throw new Error(`${o.name} was compared with nothing`)
            for (const c of o.claims)
              if (c.measured === 'fails' && c.where === null) throw new Error(`nowhere: ${c.sentence}`)
          }
        },
      ),
      { numRuns: 150, seed: 23 },
    )
  })
})
