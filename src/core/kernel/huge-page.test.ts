import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Machine, sameMachine } from '../machine/cells.ts'
import { DAMAGE } from '../machine/damage.ts'
import { depositAt, hugePmdAt, pmdPresent } from '../machine/huge-page.ts'
import { pteAt, ptePresent, tableFrame } from '../machine/page-table.ts'
import { mixedSizes } from '../machine/tlb.ts'
import { Run } from '../runs/run.ts'
import type { Lab } from '../scenarios/build.ts'
import { checkScenario } from '../scenarios/check.ts'
import type { CpuSpec, Region, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'

/* One entry of a PMD table maps memory: unmapping it, splitting it, and making it from small pages. */

const huge = (region: Partial<Region> = {}): Region => buf({ huge: true, ...region })
const small = (...script: CpuSpec['script']): CpuSpec => ({ ...app(...script), tlb: 2, walkCache: 1 })
const khugepaged = (...script: CpuSpec['script']): CpuSpec => ({ task: 'kernel', tlb: 0, walkCache: 0, script })
const collapse = khugepaged({ do: 'collapse', region: 'buf' })
const split = khugepaged({ do: 'thp-split', region: 'buf' })
const write = (page: number) => ({ do: 'write', page: `buf[${page}]` }) as const
const read = (page: number) => ({ do: 'read', page: `buf[${page}]` }) as const
const end = (lab: Lab, who = 0): Machine => {
  const run = runAlone(lab, who)
  return run.stateAt(run.length) as Machine
}

describe('a huge page', () => {
  it('is mapped from the start by one entry, with a page table kept for a split; a file keeps none', () => {
    for (const kind of ['anon', 'file'] as const) {
      const { setup, initial } = labOf(scenarioOf({ regions: [huge({ kind })], cpus: [app()] }))
      const place = setup.shape.path[0]?.at(-1) ?? -1
      expect(pmdPresent(hugePmdAt(setup.shape, initial, place))).toBe(true)
      expect(tableFrame(setup.shape, initial, place)).toBe(-1)
      expect(depositAt(setup.shape, initial, place) >= 0).toBe(kind === 'anon')
      expect([0, 1].map(page => ptePresent(pteAt(setup.shape, initial, page)))).toEqual([true, true])
    }
  })

  it('is found one level higher, and fills one entry for all of it', () => {
    const lab = labOf(scenarioOf({ regions: [huge()], cpus: [app(read(0), read(1))] }))
    expect(filmOf(runAlone(lab))).toMatchInlineSnapshot(`
      "CPU 0
      load [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [fill]
      load [read]
      load [read]"
    `)
  })

  it('is unmapped whole: one entry cleared, every frame queued, and freed after the flush', () => {
    const lab = labOf(scenarioOf({ regions: [huge()], cpus: [app({ do: 'munmap', region: 'buf' })] }))
    expect(filmOf(runAlone(lab))).toMatchInlineSnapshot(`
      "CPU 0
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      pmd_trans_huge_lock [PMD 0]
      unlink_file_vma [pgtables]
      free_pmd_range [unlink PMD]
      free_pud_range [unlink PUD]
      flush_tlb_mm_range [flush]
      tlb_batch_pages_flush [free 4]
      tlb_batch_pages_flush [free 5]
      tlb_batch_pages_flush [free table 3]
      tlb_batch_pages_flush [free table 2]
      mmap_read_unlock [return]"
    `)
    expect(accountsOf(lab, end(lab))).toEqual([])
  })

  it('is dropped from every TLB by an invalidate of any of its pages', () => {
    const lab = labOf(
      scenarioOf({ regions: [huge()], cpus: [app(read(0)), app({ do: 'madvise-dontneed', region: 'buf' })] }),
    )
    const { damage, deadlock } = enumerate(lab)
    expect(deadlock).toBeUndefined()
    expect(damage).toBe(0)
  })
})

describe('splitting', () => {
  it('anonymous: not present and flushed first, then the kept table is filled and put in its place', () => {
    const lab = labOf(scenarioOf({ regions: [huge()], cpus: [app(), split] }))
    expect(filmOf(runAlone(lab, 1))).toMatchInlineSnapshot(`
      "CPU 1                                 CPU 0 IPI
      pmd_lock [PTL]
      pmdp_invalidate [PMD inv.]
                                            flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      __split_huge_pmd_locked [map buf[0]]
      pmd_populate [table 6 in]
      spin_unlock [unlock]"
    `)
  })

  it('of a file: the mapping is dropped, and the next access brings all of it back', () => {
    const lab = labOf(scenarioOf({ regions: [huge({ kind: 'file' })], cpus: [app(), split] }))
    const m = end(lab, 1)
    const place = lab.setup.shape.path[0]?.at(-1) ?? -1
    expect(hugePmdAt(lab.setup.shape, m, place)).toBe(0)
    expect(accountsOf(lab, m)).toEqual([])
  })

  it.each([
    ['as it is', [], 0],
    ['without the not-present step', ['pmdp_invalidate~invalidate'], DAMAGE.mixedSizes],
  ] as const)('%s: a TLB has an address in two sizes, or not (I14)', (_how, without, expected) => {
    const scenario = scenarioOf({ regions: [huge()], cpus: [small(read(0), write(1)), split] })
    // A read has filled the huge entry. The write needs one that was filled by a write, and walks again.
    const { damage, deadlock } = enumerate(labOf(scenario, { without }))
    expect(deadlock).toBeUndefined()
    expect(damage & DAMAGE.mixedSizes).toBe(expected)
  })

  it.each([
    ['6.1', false],
    ['6.6', true],
  ] as const)('%s: secondary TLBs are told: %s; a stale huge entry still names the right frames', (kernel, told) => {
    const scenario = scenarioOf({ regions: [huge()], cpus: [app(), split], devices: [gpu(read(0), read(1))] })
    const lab = labOf(scenario, { kernel })
    const run = runAlone(lab, 1)
    expect(run.film.some(step => step.events.some(e => e.type === 'invalidation-queued'))).toBe(told)
    expect(enumerate(lab).damage).toBe(0)
  })
})

describe('khugepaged, anonymous', () => {
  it('takes the table out, flushes, copies, and maps the huge page', () => {
    const lab = labOf(scenarioOf({ regions: [buf()], cpus: [app(), collapse] }), { kernel: '6.1' })
    expect(filmOf(runAlone(lab, 1))).toMatchInlineSnapshot(`
      "CPU 1                                                        CPU 0 IPI
      mmap_write_lock [lock]
      alloc_charge_folio [alloc_charge_folio]
      pmd_lock [PTL]
      pmdp_collapse_flush [table 4 out]
                                                                   flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      spin_unlock [unlock]
      smp_call_function [sync IPI]
      csd_lock_wait [synced]
      __collapse_huge_page_isolate [__collapse_huge_page_isolate]
      __collapse_huge_page_copy [copy 5]
      __collapse_huge_page_copy_succeeded [keep 4]
      set_pmd_at [PMD = 7]
      mmap_write_unlock [return]"
    `)
  })

  it('gives up when a page has another reference, and puts the table back', () => {
    const pinned = scenarioOf({
      regions: [buf({ pages: 1 })],
      cpus: [app({ do: 'gup-fast', page: 'buf[0]' }), collapse],
    })
    const lab = labOf(pinned)
    const run = new Run(lab)
    while (run.film.at(-1)?.events.some(e => e.type === 'irqs-enabled') !== true) run.push({ actor: 0, alternative: 0 })
    const place = lab.setup.shape.path[0]?.at(-1) ?? -1
    const table = tableFrame(lab.setup.shape, lab.initial, place)
    while (lab.actors[1]?.finished(run.stateAt(run.length) as Machine) === false) {
      const helper = lab.actors.find(a => a.kind === 'interrupt' && a.ready(run.stateAt(run.length) as Machine) > 0)
      run.push({ actor: helper?.id ?? 1, alternative: 0 })
    }
    const m = run.stateAt(run.length) as Machine
    expect(tableFrame(lab.setup.shape, m, place)).toBe(table)
    expect(accountsOf(lab, m)).toEqual([])
  })

  it.each([
    ['as it is', [], 0],
    ['without the flush', ['pmdp_collapse_flush/pmdp_collapse_flush'], DAMAGE.lostWrite],
  ] as const)('%s: a write is lost, or not (I8)', (_how, without, expected) => {
    const scenario = scenarioOf({
      regions: [buf({ pages: 1 })],
      cpus: [small(write(0), write(0)), collapse],
      accounts: ['contents'],
    })
    const { damage, deadlock } = enumerate(labOf(scenario, { without }))
    expect(deadlock).toBeUndefined()
    expect(damage & DAMAGE.lostWrite).toBe(expected)
  })
})

describe('khugepaged, of a file', () => {
  const scenario = scenarioOf({
    frames: 12,
    regions: [buf({ kind: 'file' })],
    cpus: [app(), collapse, other({ do: 'allocate', as: 'pte-bytes' })],
    devices: [gpu(read(0), read(1))],
    iommu: { iotlb: 1, walkCache: 3, queue: 2 },
  })

  it.each([
    ['5.5', {}, true],
    ['5.5', { collapseNotifies: true }, false],
    ['6.1', {}, false],
    ['6.1', { collapseNotifies: false }, true],
    // The architecture’s flush tells secondary TLBs by itself.
    ['6.6', { collapseNotifies: false }, false],
    ['6.19', {}, false],
  ] as const)('%s %o: a device walks a freed table: %s (B10)', (kernel, switches, expected) => {
    const { damage, deadlock } = enumerate(labOf(scenario, { kernel, switches }))
    expect(deadlock).toBeUndefined()
    expect((damage & DAMAGE.walkedAfterFree) !== 0).toBe(expected)
  })

  it('the next fault maps all of it with one entry', () => {
    const lab = labOf(scenarioOf({ regions: [buf({ kind: 'file' })], cpus: [small(read(0)), collapse] }))
    const place = lab.setup.shape.path[0]?.at(-1) ?? -1
    const m = end(lab, 1)
    expect(tableFrame(lab.setup.shape, m, place)).toBe(-1)
    const run = runAlone(lab, 1)
    while (lab.actors[0]?.finished(run.stateAt(run.length) as Machine) === false) run.push({ actor: 0, alternative: 0 })
    expect(pmdPresent(hugePmdAt(lab.setup.shape, run.stateAt(run.length) as Machine, place))).toBe(true)
  })
})

describe('whatever happens', () => {
  const scenarios: readonly Scenario[] = [
    scenarioOf({
      frames: 12,
      regions: [huge()],
      cpus: [small(read(0), write(1)), split, khugepaged({ do: 'collapse', region: 'buf' })],
      devices: [gpu(write(1))],
      iommu: { iotlb: 2, walkCache: 2, queue: 2 },
    }),
    scenarioOf({
      frames: 14,
      regions: [buf()],
      cpus: [small(write(0), { do: 'madvise-dontneed', region: 'buf' }, write(1)), collapse, split],
      devices: [gpu(read(0))],
      iommu: { iotlb: 2, walkCache: 2, queue: 2 },
    }),
    scenarioOf({
      frames: 12,
      regions: [buf({ kind: 'file' })],
      cpus: [small(read(0), { do: 'gup-fast', page: 'buf[1]' }), collapse, split],
      devices: [gpu(read(1))],
      iommu: { iotlb: 2, walkCache: 2, queue: 2 },
    }),
    scenarioOf({
      frames: 12,
      regions: [huge({ kind: 'file' })],
      cpus: [
        small(write(0), { do: 'munmap', region: 'buf' }),
        split,
        small(read(1), { do: 'switch-mm', to: 'kernel-thread' }, read(0)),
      ],
      batchSize: 1,
    }),
  ]
  const kernels = ['5.5', '6.1', '6.6', '6.14', '6.19'] as const
  const anywhere = fc.record({
    scenario: fc.nat({ max: scenarios.length - 1 }),
    kernel: fc.constantFrom(...kernels),
    arch: fc.constantFrom('x86', 'arm64'),
    picks: fc.array(fc.nat({ max: 2 ** 20 }), { minLength: 40, maxLength: 200, size: 'max' }),
  })

  it('the books add up, sizes are never mixed, and a step is the same whether anybody listens or not', () => {
    fc.assert(
      fc.property(anywhere, ({ scenario, kernel, arch, picks }) => {
        const lab = labOf(scenarios[scenario] as Scenario, { kernel, arch } satisfies Chosen)
        const m = lab.initial.slice() as Machine
        for (const pick of picks) {
          const moves = lab.actors.flatMap(a => Array.from({ length: a.ready(m) }, (_, way) => [a, way] as const))
          const move = moves[pick % Math.max(1, moves.length)]
          if (move === undefined) break
          const silent = m.slice() as Machine
          move[0].step(silent, move[1])
          move[0].step(m, move[1], () => {})
          expect(sameMachine(silent, m)).toBe(true)
          expect(accountsOf(lab, m)).toEqual([])
          for (const cpu of lab.setup.shape.cpus) expect(mixedSizes(lab.setup, m, cpu)).toBe(-1)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('what a scenario can say', () => {
  const problems = (regions: readonly Region[], ...cpus: CpuSpec[]): string[] =>
    checkScenario({ ...scenarioOf({ cpus: [app()] }), memory: { frames: 32, regions }, cpus }).map(p => p.at)

  it('a huge page begins at 2 MiB, is all there, and has that stretch for itself', () => {
    expect(problems([huge({ at: '0x100000001000' })], app())).toEqual(['memory.regions[0].at'])
    expect(problems([huge({ present: 'none' })], app())).toEqual(['memory.regions[0].present'])
    expect(problems([huge(), buf({ name: 'heap', at: '0x100000100000' })], app())).toEqual(['memory.regions[0].at'])
  })

  it('part of it cannot go before it is split, and what is not modelled is refused', () => {
    expect(problems([huge()], app({ do: 'munmap', region: 'buf', pages: 1 }))).toEqual(['cpus[0].script[0]'])
    expect(problems([huge()], khugepaged({ do: 'reclaim', region: 'buf' }), app())).toEqual(['cpus[0].script[0].do'])
  })
})
