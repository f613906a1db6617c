import { describe, expect, it } from 'vitest'
import { B29 } from '../bugs/b29-moved-table-that-was-freed.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { DAMAGE } from '../machine/damage.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { CpuSpec, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { buf, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'

const process: CpuSpec = { task: 'app', tlb: 0, walkCache: 0, script: [] }
const khugepaged: CpuSpec = { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'retract', region: 'buf' }] }
const collapsed = scenarioOf({
  regions: [buf({ kind: 'file' })],
  cpus: [khugepaged, process, other({ do: 'allocate', as: 'pte-bytes' })],
  devices: [gpu({ do: 'read', page: 'buf[0]' }, { do: 'read', page: 'buf[1]' })],
  iommu: { iotlb: 1, walkCache: 1, queue: 1 },
})

const verdict = (scenario: Scenario, chosen: Chosen): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab, ['I2']), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('retract_page_tables()', () => {
  it('6.14: no mmap lock; the table goes to RCU after end()', () => {
    expect(filmOf(runAlone(labOf(collapsed, { kernel: '6.14' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU                    CPU 1 IPI               RCU
      find_pmd_or_thp_or_none [find_pmd_or_thp_or_none]
      __mmu_notifier_invalidate_range_start [start]
      pmd_lock [pmd_lock]
      pmdp_collapse_flush [table 6 out]
                                                                                      flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      spin_unlock [spin_unlock]
      __mmu_notifier_invalidate_range_end [end]
      pte_free_defer [pte_free_defer]
                                                                                                              tlb_remove_table_rcu [free table 6]"
    `)
  })

  it('6.1: the mmap lock, and the table is freed at once, after the sync IPI', () => {
    expect(filmOf(runAlone(labOf(collapsed, { kernel: '6.1' })))).toMatchInlineSnapshot(`
      "CPU 0                                              IOMMU                    CPU 1 IPI
      find_pmd_or_thp_or_none [find_pmd_or_thp_or_none]
      __mmu_notifier_invalidate_range_start [start]
      pmd_lock [pmd_lock]
      pmdp_collapse_flush [table 6 out]
                                                                                  flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      spin_unlock [spin_unlock]
      smp_call_function [sync IPI]
      csd_lock_wait [synced]
      __mmu_notifier_invalidate_range [range()]
                                                         invalidate [invalidate]
      completion wait [complete]
      __mmu_notifier_invalidate_range_end [end]
      pte_free [free table 6]
      mmap_write_unlock [mmap_write_unlock]"
    `)
  })

  it('5.5: nobody is told, and a device walks the freed table (B10)', () => {
    expect(verdict(collapsed, { kernel: '5.5' })).toBe('violated')
    expect(verdict(collapsed, { kernel: '6.1' })).toBe('holds')
    expect(verdict(collapsed, { kernel: '6.14' })).toBe('holds')
  })

  it.each(['5.5', '6.14'] as const)('%s: the books add up in every state, and nobody is stuck', kernel => {
    const lab = labOf(collapsed, { kernel })
    const wrong = new Set<string>()
    const { deadlock } = enumerate(lab, m => {
      for (const line of accountsOf(lab, m)) wrong.add(line)
    })
    expect([...wrong]).toEqual([])
    expect(deadlock).toBeUndefined()
  })

  it('is for regions of files that have their page tables for themselves', () => {
    const messages = (region: Parameters<typeof buf>[0]): string[] =>
      checkScenario({ ...collapsed, memory: { frames: 16, regions: [buf(region)] } }).map(p => p.message)
    expect(messages({ kind: 'file' })).toEqual([])
    expect(messages({ kind: 'anon' })).toContain('buf is no file')
    expect(messages({ kind: 'file', at: '0x100000001000' })).toContain('buf begins inside a page table')
  })
})

describe('against mremap() of a whole page table', () => {
  const known = (chosen: Chosen): { damage: number; deadlock: boolean } => {
    const { damage, deadlock } = enumerate(labOf(B29.scenario, chosen))
    return { damage, deadlock: deadlock !== undefined }
  }

  it('up to 6.5 the mmap lock keeps the two apart, though mremap() looks only once', () => {
    expect(known({ kernel: '6.1' })).toEqual({ damage: 0, deadlock: false })
  })

  it('6.6: page 0 becomes a page table, and a device walks it', () => {
    expect(known({ kernel: '6.6' }).damage).toBe(DAMAGE.walkedAfterFree)
  })

  it('6.6 with the second look, and 6.14: no harm', () => {
    expect(known({ kernel: '6.6', switches: { moveRechecksPmd: true } })).toEqual({ damage: 0, deadlock: false })
    expect(known({ kernel: '6.14' })).toEqual({ damage: 0, deadlock: false })
    expect(known({ kernel: '6.14', arch: 'arm64' })).toEqual({ damage: 0, deadlock: false })
  })

  it('page by page there is nothing to get wrong', () => {
    expect(known({ kernel: '6.6', switches: { mremapMovesTables: false } })).toEqual({ damage: 0, deadlock: false })
  })
})
