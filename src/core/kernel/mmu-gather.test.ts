import { describe, expect, it } from 'vitest'
import { filmOf, opsOf, runAlone } from '../testing/films.ts'
import { app, buf, gpu, labOf, neighbour, scenarioOf } from '../testing/labs.ts'

describe('a batch that is full', () => {
  it('6.6: flush and secondary invalidate come under the page-table lock, the free as soon as it is dropped, all inside the pair', () => {
    expect(filmOf(runAlone(labOf('munmap-forced-flush', { kernel: '6.6' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      flush_tlb_mm_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      pte_unmap_unlock [unlock]
      tlb_batch_pages_flush [free 5]
      zap_pte_range [zap_pte_range]
      pte_offset_map_lock [PTL]
      ptep_get_and_clear_full [clear buf[1]]
      flush_tlb_mm_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      pte_unmap_unlock [unlock]
      tlb_batch_pages_flush [free 6]
      zap_pte_range [zap_pte_range]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      flush_tlb_mm_range [finish]
      mmap_read_unlock [return]"
    `)
  })

  it('3.18: the CPUs are flushed and the page is freed between start and end, and nobody told the IOMMU (B01)', () => {
    expect(opsOf(runAlone(labOf('munmap-forced-flush', { kernel: '3.18' })), 'CPU 0')).toMatchInlineSnapshot(`
      [
        "mmap_write_lock_killable [lock]",
        "detach_vmas_to_be_unmapped [detach]",
        "__mmu_notifier_invalidate_range_start [start]",
        "completion wait [complete]",
        "pte_offset_map_lock [zap]",
        "ptep_get_and_clear_full [clear buf[0]]",
        "flush_tlb_mm_range [flush]",
        "pte_unmap_unlock [unlock]",
        "tlb_batch_pages_flush [free 5]",
        "zap_pte_range [zap_pte_range]",
        "pte_offset_map_lock [PTL]",
        "ptep_get_and_clear_full [clear buf[1]]",
        "flush_tlb_mm_range [flush]",
        "pte_unmap_unlock [unlock]",
        "tlb_batch_pages_flush [free 6]",
        "zap_pte_range [zap_pte_range]",
        "__mmu_notifier_invalidate_range_end [end]",
        "completion wait [complete]",
        "unlink_file_vma [pgtables]",
        "flush_tlb_mm_range [finish]",
        "mmap_write_unlock [return]",
      ]
    `)
  })

  it('is full with the page that fills it, also when that is the last of its table', () => {
    const two = scenarioOf({ batchSize: 2, cpus: [app({ do: 'munmap', region: 'buf' })], devices: [gpu()] })
    const marks = runAlone(labOf(two)).film.map(s => s.mark)
    expect(marks.indexOf('free 6')).toBeGreaterThan(0)
    expect(marks.indexOf('free 6')).toBeLessThan(marks.indexOf('end'))
  })

  it('is counted over page tables and VMAs, and begins anew with each call', () => {
    const scenario = scenarioOf({
      batchSize: 3,
      frames: 24,
      regions: [buf(), buf({ name: 'far', at: '0x100000200000' }), neighbour()],
      cpus: [app({ do: 'munmap', region: 'buf' }, { do: 'munmap', region: 'far' }, { do: 'exit' })],
    })
    const forced = runAlone(labOf(scenario)).film.filter(s => s.events.some(e => e.type === 'flush-forced'))
    expect(forced).toEqual([])
  })
})

describe('dirty pages of a file', () => {
  const lib = (present: 'rw' | 'r') =>
    scenarioOf({
      regions: [buf({ name: 'lib', kind: 'file', protection: present }), neighbour()],
      cpus: [app({ do: 'munmap', region: 'lib' })],
      devices: [gpu()],
    })

  it('force one flush for the whole table, inside the pair; the page cache keeps the pages', () => {
    const run = runAlone(labOf(lib('rw'), { kernel: '6.1' }))
    expect(opsOf(run, 'CPU 0')).toMatchInlineSnapshot(`
      [
        "mmap_write_lock_killable [lock]",
        "detach_vmas_to_be_unmapped [detach]",
        "__mmu_notifier_invalidate_range_start [start]",
        "pte_offset_map_lock [zap]",
        "ptep_get_and_clear_full [clear lib[0]]",
        "ptep_get_and_clear_full [clear lib[1]]",
        "flush_tlb_mm_range [flush]",
        "__mmu_notifier_invalidate_range [range()]",
        "completion wait [complete]",
        "pte_unmap_unlock [unlock]",
        "tlb_batch_pages_flush [put 2]",
        "tlb_batch_pages_flush [put 1]",
        "zap_pte_range [zap_pte_range]",
        "__mmu_notifier_invalidate_range [range()]",
        "completion wait [complete]",
        "__mmu_notifier_invalidate_range_end [end]",
        "unlink_file_vma [pgtables]",
        "flush_tlb_mm_range [finish]",
        "mmap_read_unlock [return]",
      ]
    `)
    expect(run.film.flatMap(s => s.events.filter(e => e.type === 'page-freed'))).toEqual([])
  })

  it('force nothing when they are clean', () => {
    const marks = runAlone(labOf(lib('r'), { kernel: '6.1' })).film.map(s => s.mark)
    expect(marks.indexOf('flush')).toBeGreaterThan(marks.indexOf('end'))
  })
})

it('unmapped is not freed: pages that a pipe holds are unmapped, told and put like the others, and stay allocated', () => {
  const pinned = scenarioOf({
    regions: [buf({ pages: 4, pinned: [1, 2] }), neighbour()],
    frames: 20,
    cpus: [app({ do: 'munmap', region: 'buf' })],
    devices: [gpu()],
  })
  const marks = runAlone(labOf(pinned)).film.map(s => s.mark)
  expect(marks.filter(m => m.startsWith('clear'))).toHaveLength(4)
  expect(marks.filter(m => m.startsWith('free') || m.startsWith('put'))).toEqual(['free 5', 'put 6', 'put 7', 'free 8'])
})

describe('the order in which a gather is freed', () => {
  // Twelve pages and three page tables: the bundle on the stack takes eight, a batch the rest.
  const freed = (kernel: '6.1' | '6.6') => {
    const twelve = scenarioOf({
      frames: 24,
      regions: [buf({ pages: 12 })],
      cpus: [app({ do: 'munmap', region: 'buf' })],
    })
    return runAlone(labOf(twelve, { kernel }))
      .film.map(s => s.mark)
      .filter(m => m.startsWith('free'))
      .map(m => m.slice('free '.length))
      .join(' ')
  }

  it('up to 6.8 is batch by batch, each from its end: the tables come in the middle', () => {
    // buf is pfn 5 to 16, its tables are pfn 2, 3 and 4.
    expect(freed('6.1')).toBe('12 11 10 9 8 7 6 5 table 2 table 3 table 4 16 15 14 13')
  })

  it('is the order of gathering where batches are freed from their start', () => {
    expect(freed('6.6')).toBe('5 6 7 8 9 10 11 12 13 14 15 16 table 4 table 3 table 2')
  })
})
