import { describe, expect, it } from 'vitest'
import { B33 } from '../bugs/b33-atc-flushed-before-the-iotlb.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { type Chosen, labOf } from '../testing/labs.ts'

const munmap = B33.scenario
const unmapAndMap: Scenario = {
  ...munmap,
  cpus: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'buf' }] }],
}
const twoDevices: Scenario = {
  ...munmap,
  devices: ['GPU 0', 'GPU 1'].map(name => ({ name, ats: { atc: 1 }, script: [{ do: 'write', page: 'buf[0]' }] })),
  iommu: { iotlb: 1, walkCache: 0, queue: 3 },
}

const verdict = (scenario: Scenario, chosen: Chosen): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab, ['I1', 'I2', 'I4']), { states: 200_000, bytes: 2 ** 28 }))
    .kind
}

describe('a device with ATS', () => {
  it('is told to let go after the IOTLB is flushed, and the driver waits for its answer', () => {
    expect(filmOf(runAlone(labOf(munmap, { kernel: '6.6' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU                     GPU 0 ATC
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      free_pte_range [unlink PTE]
      free_pmd_range [unlink PMD]
      free_pud_range [unlink PUD]
      flush_tlb_mm_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
                                                             invalidate [ATC request]
                                                                                       Invalidate Completion [ATC]
      completion wait [complete]
      tlb_batch_pages_flush [free 5]
      tlb_batch_pages_flush [free table 4]
      tlb_batch_pages_flush [free table 3]
      tlb_batch_pages_flush [free table 2]
      mmap_read_unlock [return]"
    `)
  })

  it.each([
    ['munmap', munmap],
    ['MADV_DONTNEED, faulted in again', unmapAndMap],
    ['two devices', twoDevices],
  ] as const)('reaches no freed frame in any run where the IOTLB is flushed first: %s', (_, scenario) => {
    for (const kernel of ['3.19', '6.1', '6.6'] as const) expect(verdict(scenario, { kernel })).toBe('holds')
    expect(verdict(scenario, { kernel: '6.6', arch: 'arm64' })).toBe('holds')
  })

  it.each([
    ['munmap', munmap],
    ['MADV_DONTNEED, faulted in again', unmapAndMap],
    ['two devices', twoDevices],
  ] as const)('keeps a stale translation in some run where its ATC is flushed first: %s', (_, scenario) => {
    expect(verdict(scenario, { kernel: '6.6', switches: { invalidateOrder: 'atc-first' } })).toBe('violated')
  })

  it('needs a queue that holds the commands of one flush', () => {
    const small = { ...munmap, iommu: { iotlb: 1, walkCache: 0, queue: 1 } }
    expect(checkScenario(small).map(p => p.at)).toEqual(['iommu.queue'])
  })
})
