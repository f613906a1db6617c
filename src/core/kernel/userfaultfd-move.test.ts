import { describe, expect, it } from 'vitest'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { pteAt, ptePfn, ptePresent } from '../machine/page-table.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'

/* UFFDIO_MOVE against those who still have the old address: a thread, a device, and whoever frees the page at the new one. */

const move: CpuAction = { do: 'uffd-move', region: 'buf', to: 'new' }
const write = { do: 'write', page: 'buf[0]' } as const
const cpu = (...script: CpuAction[]) => ({ ...app(...script), tlb: 1, walkCache: 0 })
const regions = [buf({ pages: 1 }), buf({ name: 'new', at: '0x100000008000', pages: 1, present: 'none' })]
const moved = (parts: Partial<Scenario> = {}): Scenario =>
  scenarioOf({
    frames: 9,
    regions,
    cpus: [cpu(move), cpu(write, write)],
    iommu: { iotlb: 1, walkCache: 0, queue: 2 },
    accounts: ['promises'],
    ...parts,
  })
const device = moved({ cpus: [cpu(move)], devices: [gpu(write, write)] })

const verdict = (scenario: Scenario, chosen: Chosen): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('UFFDIO_MOVE', () => {
  it('flushes the old address before it maps the new one, inside start and end', () => {
    const lab = labOf(device, { kernel: '6.14' })
    const run = runAlone(lab)
    const m = run.stateAt(run.length)
    expect([0, 1].map(page => ptePfn(pteAt(lab.setup.shape, m, page)))).toEqual([
      -1,
      ptePfn(pteAt(lab.setup.shape, lab.initial, 0)),
    ])
    const begun = run.film.flatMap(step => step.events).filter(e => e.type === 'invalidate-range-started')
    expect(begun.map(e => e.range.end - e.range.start)).toEqual([1])
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU
      mmap_read_lock [lock]
      mm_alloc_pmd [mm_alloc_pmd]
      __mmu_notifier_invalidate_range_start [start]
      folio_trylock [folio_trylock]
      double_pt_lock [double_pt_lock]
      ptep_clear_flush [clear buf[0]]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      set_pte_at [map new[0]]
      double_pt_unlock [double_pt_unlock]
      folio_put [put 5]
      __mmu_notifier_invalidate_range_end [end]
      mmap_read_unlock [return]"
    `)
  })

  it('leaves a page that is pinned where it is', () => {
    const lab = labOf(
      moved({ memory: { frames: 9, regions: regions.map((r, i) => (i === 0 ? { ...r, pinned: [0] } : r)) } }),
    )
    const run = runAlone(lab)
    expect(ptePresent(pteAt(lab.setup.shape, run.stateAt(run.length), 0))).toBe(true)
  })

  it('keeps its books beside a thread that faults and one that zaps the new address', () => {
    const zap = cpu({ do: 'madvise-dontneed', region: 'new' })
    const lab = labOf(moved({ cpus: [cpu(move), cpu(write), zap], accounts: [] }), { kernel: '6.14' })
    expect(enumerate(lab, m => expect(accountsOf(lab, m)).toEqual([])).damage).toBe(0)
  })

  it.each([
    ['a thread', moved()],
    ['a device', device],
  ])('%s has the old address no longer when it returns, unless the flush is left out', (_who, scenario) => {
    expect(verdict(scenario, { kernel: '6.14' })).toBe('holds')
    const without = [
      'move_present_pte/ptep_clear_flush/ptep_clear_flush',
      'ptep_clear_flush/mmu_notifier_arch_invalidate_secondary_tlbs',
    ]
    expect(verdict(scenario, { kernel: '6.14', without })).toBe('violated')
  })

  it('needs anonymous memory with nothing in the place that it comes to', () => {
    const at = (to: Partial<(typeof regions)[0]>) =>
      checkScenario({ ...moved(), memory: { frames: 9, regions: [buf({ pages: 1 }), { ...regions[1]!, ...to }] } }).map(
        p => p.at,
      )
    expect(at({})).toEqual([])
    expect(at({ present: 'all' })).toEqual(['cpus[0].script[0].to'])
    expect(at({ kind: 'file' })).toEqual(['cpus[0].script[0].to'])
    expect(at({ pages: 2 })).toEqual(['cpus[0].script[0].to'])
  })
})
