import { describe, expect, it } from 'vitest'
import { called, headline, list, mended, type OtherSettings } from './words.ts'

const kernel = (name: string): OtherSettings<string> => ({ kind: 'kernel', name, what: '', link: `#${name}` })
const OTHERS = [kernel('3.18'), kernel('3.19'), kernel('4.15'), kernel('6.1')]
const PRESET: OtherSettings<string> = { kind: 'preset', name: 'the preset', what: '', link: '#preset' }
type Verdict = 'holds' | 'broken' | 'undecided'
const tried = (...verdicts: readonly Verdict[]) => ({ others: verdicts.map((verdict, at) => ({ at, verdict })) })

describe('where a broken rule holds', () => {
  it('is said as a point in time when every later kernel keeps it', () => {
    const { sentence, first } = mended(tried('broken', 'holds', 'holds', 'holds'), OTHERS)
    expect(sentence).toBe('Holds from 3.19 on.')
    expect(first?.link).toBe('#3.19')
  })

  it('is a list when a later kernel breaks it again, or was not decided', () => {
    expect(mended(tried('broken', 'holds', 'broken', 'holds'), OTHERS).sentence).toBe('Holds in 3.19 and 6.1.')
    expect(mended(tried('broken', 'holds', 'holds', 'undecided'), OTHERS).sentence).toBe('Holds in 3.19 and 4.15.')
  })

  it('may be nowhere, or only where the switches are put back', () => {
    expect(mended(tried('broken', 'broken', 'broken', 'broken'), OTHERS)).toEqual({
      sentence: 'No kernel here mends it.',
      first: null,
    })
    expect(mended(tried('broken', 'broken', 'broken', 'undecided'), OTHERS).sentence).toContain('was found')
    expect(mended(tried('broken', 'broken', 'broken', 'broken', 'holds'), [...OTHERS, PRESET]).first).toBe(PRESET)
  })
})

const rule = (id: string, verdict: Verdict, ...out: readonly number[]) => ({
  id,
  sentence: '',
  verdict,
  run: null,
  others: [],
  needed: out.map(k => ({ out: [k] })),
  together: [],
  unthreatened: out.length === 0,
  undecided: false,
})
const answer = (...rules: readonly ReturnType<typeof rule>[]) => ({
  rules,
  knockOuts: Array.from({ length: 9 }, () => ({
    what: '',
    path: [],
    file: '',
    phase: null,
    how: { kind: 'op' as const, id: '' },
    at: [],
  })),
  spare: [],
  unreached: [],
  undecided: [],
  moved: [],
  searches: 1,
  states: 1,
})

describe('the answer in a sentence', () => {
  it('counts each point once, however many rules rest on it', () => {
    expect(headline(answer(rule('I1', 'holds', 2, 4), rule('I2', 'holds'), rule('I4', 'holds', 2)))).toBe(
      'I1 and I4 rest on 2 of 9 things that can be left out.',
    )
  })

  it('begins with what does not hold, and never takes silence for safety', () => {
    expect(headline(answer(rule('I1', 'broken'), rule('I4', 'holds', 2)))).toBe('I1 does not hold here.')
    expect(headline(answer(rule('I1', 'undecided')))).toContain('Not decided')
  })
})

it('functions have parentheses, other names stay as they are', () => {
  expect(['flush_tlb_func', 'completion wait', 'dsb(ish)'].map(called)).toEqual([
    'flush_tlb_func()',
    'completion wait',
    'dsb(ish)',
  ])
  expect(list(['a', 'b', 'c'])).toBe('a, b and c')
})
