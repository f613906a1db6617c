import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Policy, SwitchValues } from '../policy/policy.ts'
import { presetOf, usualDriver } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import type { KernelId } from '../runs/settings.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import { distinctKernels } from '../testing/kernels.ts'
import { cutSetsOf } from './cut-sets.ts'
import type { RuleVerdict } from './rule-search.ts'
import { answerOfStudy, type Study } from './study.ts'
import { whySafe } from './why-safe.ts'
import type { WhySafe } from './why-safe-answer.ts'

const PLENTY = { states: 5_000_000, bytes: 2 ** 30 }

const policyOf = (kernel: KernelId, switches: SwitchValues = {}): Policy =>
  applySwitches(presetOf(kernel, 'x86', usualDriver(kernel)), switches)

function why(id: string, kernel: KernelId, limits = PLENTY, switches: SwitchValues = {}): WhySafe {
  const scenario = known(scenarioById(id), id)
  const others = distinctKernels(scenario).map(name => ({ name, policy: policyOf(name, switches) }))
  return answerOfStudy(whySafe({ scenario, policy: policyOf(kernel, switches), others }, limits))
}

const rule = (answer: WhySafe, id: string) =>
  known(
    answer.rules.find(r => r.id === id),
    id,
  )
/** `tlb_finish_mmu > completion wait`: the last caller that tells, and the function; a switch by its name. */
const nameOf = (answer: WhySafe, k: number): string => {
  const { path, how } = known(answer.knockOuts[k], 'knock-out')
  return how.kind === 'switch'
    ? how.id
    : path
        .filter(fn => fn !== 'tlb_flush_mmu_tlbonly')
        .slice(-2)
        .join(' > ')
}
const neededBy = (answer: WhySafe, id: string): string[] =>
  rule(answer, id).needed.map(cut => nameOf(answer, known(cut.out[0], 'place')))
const groupsOf = (answer: WhySafe, id: string): string[][] =>
  rule(answer, id).together.map(cut => cut.out.map(k => nameOf(answer, k)))

describe('munmap with a full batch, 3.19', () => {
  const answer = why('munmap-forced-flush', '3.19')

  it('rests on the callback in the forced flush, on its completion, and on hardware that drains walks', () => {
    const needs = ['zap_pte_range > __mmu_notifier_invalidate_range', 'zap_pte_range > completion wait', 'drainsWalks']
    expect(neededBy(answer, 'I1')).toEqual(needs)
    expect(neededBy(answer, 'I4')).toEqual(needs)
    expect(rule(answer, 'I1').together).toEqual([])
  })

  it('has told of every page by its return because of either of two calls: the one in the flush, the one in end()', () => {
    expect(neededBy(answer, 'I5')).toEqual([])
    expect(groupsOf(answer, 'I5')).toEqual([
      [
        'zap_pte_range > __mmu_notifier_invalidate_range',
        'mmu_notifier_invalidate_range_end > __mmu_notifier_invalidate_range',
      ],
    ])
  })

  it('has nothing that could break the rules about page tables and pairs', () => {
    expect(answer.rules.filter(r => r.unthreatened).map(r => r.id)).toEqual(['I2', 'I10'])
  })

  it('does not need start(), and never comes to the callback of the last flush: nothing is left to flush', () => {
    expect(answer.spare.map(k => nameOf(answer, k))).toContain(
      'mmu_notifier_invalidate_range_start > __mmu_notifier_invalidate_range_start',
    )
    expect(answer.unreached.map(k => nameOf(answer, k))).toEqual([
      'tlb_finish_mmu > __mmu_notifier_invalidate_range',
      'tlb_finish_mmu > completion wait',
    ])
  })

  it('breaks when the invalidation moves: in start() it is too early, in end() too late', () => {
    for (const { to, rules } of answer.moved)
      expect([to, rules.find(r => r.id === 'I1')?.verdict]).toEqual([to, 'broken'])
    expect(answer.moved.map(m => m.to)).toEqual(['start', 'end'])
  })
})

it('munmap of a whole page table needs what drops the walk cache', () => {
  expect(neededBy(why('munmap-page-table', '3.19'), 'I2')).toEqual([
    'tlb_finish_mmu > __mmu_notifier_invalidate_range',
    'tlb_finish_mmu > completion wait',
    'drainsWalks',
    'invalidateKind',
  ])
})

it('before 3.19 it is not safe, and 3.19 mends it', () => {
  const { others, ...i1 } = rule(why('munmap-forced-flush', '3.18'), 'I1')
  expect(i1).toMatchObject({ verdict: 'broken', run: { steps: 17 }, needed: [], together: [], unthreatened: false })
  const kernels = distinctKernels('munmap-forced-flush')
  const holds = others.filter(o => o.verdict === 'holds').map(o => kernels[o.at])
  expect(holds).toEqual(kernels.slice(kernels.indexOf('3.19')))
  expect(holds).toContain('6.6')
})

it('a search that ran out of states is never taken for one that found nothing', () => {
  const none = why('munmap-forced-flush', '3.19', { ...PLENTY, states: 1_000 })
  expect(none.rules.map(r => r.verdict)).toEqual(Array(5).fill('undecided'))
  expect(none.spare).toEqual([])
  const some = why('munmap-forced-flush', '3.19', { ...PLENTY, states: 12_000 })
  expect(some.states).toBeLessThanOrEqual(12_000)
  expect(some.undecided.length).toBeGreaterThan(0)
  expect(some.rules.some(r => r.verdict === 'holds' && r.unthreatened)).toBe(false)
  for (const k of some.undecided) expect(some.spare).not.toContain(k)
})

describe('groups of which any one is enough', () => {
  /** A rule that is broken when every member of one of these groups is out. */
  function groups(...sets: readonly (readonly number[])[]) {
    const asked: string[] = []
    const sets_ = sets
    function* judge(out: readonly number[]): Study<RuleVerdict> {
      asked.push(out.join(' '))
      const broken = sets_.some(set => set.every(k => out.includes(k)))
      return broken ? { kind: 'broken', run: [] } : { kind: 'holds' }
    }
    return { ...answerOfStudy(cutSetsOf([0, 1, 2, 3, 4, 5], judge)), asked }
  }

  it('are as small as they can be, and share nothing', () => {
    expect(groups([1, 3]).cuts.map(c => c.out)).toEqual([[1, 3]])
    expect(groups([0, 2, 5], [1, 4]).cuts.map(c => c.out)).toEqual([
      [1, 4],
      [0, 2, 5],
    ])
  })

  it('are not there when it holds with everything out, and one search says so', () => {
    expect(groups()).toEqual({ cuts: [], undecided: false, asked: ['0 1 2 3 4 5'] })
  })
})
