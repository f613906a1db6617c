import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SCENARIOS } from '../../core/scenarios/scenario-list.ts'
import { formOf } from '../../worker/scenario-form.ts'
import { scenarioSchema } from '../../worker/scenario-schema.ts'
import { labelOf, oneOf } from './hints.ts'
import { rangesText, readRanges } from './page-set.ts'
import { referencesIn } from './references.ts'
import { sentenceOf } from './sentence.ts'

describe('an action in a few words', () => {
  it.each([
    [{ do: 'munmap', region: 'buf', first: 0, pages: 4 }, 'munmap buf, pages 0-3'],
    [{ do: 'munmap', region: 'buf' }, 'munmap buf'],
    [{ do: 'madvise-dontneed', region: 'buf', first: 2 }, 'madvise-dontneed buf, pages 2 to the end'],
    [{ do: 'write', page: 'buf[any]' }, 'write buf[any]'],
    [{ do: 'allocate', as: 'pte-bytes' }, 'allocate, as pte-bytes'],
    [{ do: 'mremap', region: 'buf', to: 'heap', fixed: true }, 'mremap buf, to heap, fixed'],
    [null, 'null'],
  ])('%j', (action, words) => {
    expect(sentenceOf(action)).toBe(words)
  })
})

describe('page numbers as ranges', () => {
  it('come back as they went, in any order, repeats and all', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1023), { maxLength: 60 }), numbers => {
        expect(readRanges(rangesText(numbers))).toEqual(numbers)
      }),
    )
    expect(rangesText([0, 1, 2, 3, 7])).toBe('0-3, 7')
  })

  it('are nothing when they are not written so', () => {
    for (const text of ['x', '3-1', '1-', '0-9999999', '1.5']) expect(readRanges(text)).toBeNull()
    fc.assert(fc.property(fc.string(), text => void readRanges(text)))
  })
})

describe('names', () => {
  it('read as words', () => {
    expect(['growsDown', 'batchSize', 'cpus', 'something-new'].map(labelOf)).toEqual([
      'Grows down',
      'Batch size',
      'CPUs',
      'Something new',
    ])
    expect(['cpus', 'regions', 'breaks', 'entries'].map(oneOf)).toEqual(['CPU', 'region', 'thing to try', 'entry'])
  })
})

describe('references', () => {
  const form = formOf(scenarioSchema)

  it('of the shipped scenarios all resolve', () => {
    for (const s of SCENARIOS) {
      const references = referencesIn(form, s)
      expect(references.length, s.id).toBeGreaterThan(0)
      expect(
        references.filter(r => !r.resolves),
        s.id,
      ).toEqual([])
    }
  })

  it('to a region or page that is not there do not', () => {
    const scenario = structuredClone(SCENARIOS[0]) as unknown as { memory: { regions: { name: string }[] } }
    const [region] = scenario.memory.regions
    if (region !== undefined) region.name = 'other'
    expect(referencesIn(form, scenario).some(r => !r.resolves)).toBe(true)
  })
})
