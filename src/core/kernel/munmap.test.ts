import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { filmOf, fnOf, opsOf, runAlone } from '../testing/films.ts'
import { app, buf, gpu, labOf, neighbour, scenarioOf } from '../testing/labs.ts'

/*
 * Films of one munmap, run by its CPU alone: somebody else moves only to answer it. Steps M1 to M12 of the kernel's true
 * order: lock and detach, start, clear, end, page tables, CPU flush, secondary invalidate, free, unlock.
 */

describe('munmap of two pages on x86, another thread on CPU 1', () => {
  it('3.18, a driver that flushes in start and end: nobody is called between unmapping and freeing', () => {
    expect(filmOf(runAlone(labOf('munmap-plain', { kernel: '3.18', driver: 'naive' })))).toMatchInlineSnapshot(`
      "CPU 0                                          IOMMU                    CPU 1 IPI
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
                                                     invalidate [invalidate]
      completion wait [complete]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range_end [end]
                                                     invalidate [invalidate]
      completion wait [complete]
      unlink_file_vma [pgtables]
      flush_tlb_mm_range [flush]
                                                                              flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      tlb_batch_pages_flush [free 6]
      tlb_batch_pages_flush [free 5]
      mmap_write_unlock [return]"
    `)
  })

  it('3.19: invalidate_range comes twice, first by end() with the CPUs not flushed yet, then after the flush and before the free', () => {
    expect(filmOf(runAlone(labOf('munmap-plain', { kernel: '3.19' })))).toMatchInlineSnapshot(`
      "CPU 0                                          IOMMU                    CPU 1 IPI
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      flush_tlb_mm_range [flush]
                                                                              flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      tlb_batch_pages_flush [free 6]
      tlb_batch_pages_flush [free 5]
      mmap_write_unlock [return]"
    `)
  })

  it('6.1: as 3.19, and the pages go under the read lock', () => {
    expect(filmOf(runAlone(labOf('munmap-plain', { kernel: '6.1' })))).toMatchInlineSnapshot(`
      "CPU 0                                          IOMMU                    CPU 1 IPI
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      flush_tlb_mm_range [flush]
                                                                              flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      tlb_batch_pages_flush [free 6]
      tlb_batch_pages_flush [free 5]
      mmap_read_unlock [return]"
    `)
  })

  it('6.6: the CPU flush makes the one call, end() makes none, and the batch is freed oldest first', () => {
    expect(filmOf(runAlone(labOf('munmap-plain', { kernel: '6.6' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU                    CPU 1 IPI
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      flush_tlb_mm_range [flush]
                                                                                      flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      tlb_batch_pages_flush [free 5]
      tlb_batch_pages_flush [free 6]
      mmap_read_unlock [return]"
    `)
  })
})

describe('munmap on arm64', () => {
  it('6.6: the VMA is flushed by itself, inside the pair, and the notifier is called between TLBI and DSB', () => {
    expect(filmOf(runAlone(labOf('munmap-plain', { kernel: '6.6', arch: 'arm64' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU                    CPU 1 TLBI
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      __flush_tlb_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
                                                                                      TLBI (broadcast) [flush]
      dsb(ish) [acked]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      __flush_tlb_range [finish]
      tlb_batch_pages_flush [free 5]
      tlb_batch_pages_flush [free 6]
      mmap_read_unlock [return]"
    `)
  })

  it('up to 4.18 that flush forgets the notifier: only the call by end() saves it (B05)', () => {
    const lab = labOf('munmap-plain', { kernel: '4.15', arch: 'arm64' })
    expect(opsOf(runAlone(lab), 'CPU 0').slice(6, -3)).toMatchInlineSnapshot(`
      [
        "pte_unmap_unlock [unlock]",
        "__flush_tlb_range [flush]",
        "dsb(ish) [acked]",
        "__mmu_notifier_invalidate_range [range()]",
        "completion wait [complete]",
        "__mmu_notifier_invalidate_range_end [end]",
        "unlink_file_vma [pgtables]",
        "__flush_tlb_range [finish]",
      ]
    `)
  })

  it('a page table has a second flush of its own after end(), and is freed by RCU after the call has returned', () => {
    expect(filmOf(runAlone(labOf('munmap-page-table', { kernel: '6.6', arch: 'arm64' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU                    RCU
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      pte_unmap_unlock [unlock]
      __flush_tlb_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      __mmu_notifier_invalidate_range_end [end]
      unlink_file_vma [pgtables]
      free_pte_range [unlink PTE]
      __flush_tlb_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      tlb_batch_pages_flush [free 6]
      mmap_read_unlock [return]
                                                                                      tlb_remove_table_rcu [free table 4]"
    `)
  })
})

describe('munmap of the last page of a page table', () => {
  it('3.18: the table is unlinked after end() and freed without a word to anybody (B02)', () => {
    expect(opsOf(runAlone(labOf('munmap-page-table', { kernel: '3.18' })), 'CPU 0')).toMatchInlineSnapshot(`
      [
        "mmap_write_lock_killable [lock]",
        "detach_vmas_to_be_unmapped [detach]",
        "__mmu_notifier_invalidate_range_start [start]",
        "completion wait [complete]",
        "pte_offset_map_lock [zap]",
        "ptep_get_and_clear_full [clear buf[0]]",
        "pte_unmap_unlock [unlock]",
        "__mmu_notifier_invalidate_range_end [end]",
        "completion wait [complete]",
        "unlink_file_vma [pgtables]",
        "free_pte_range [unlink PTE]",
        "flush_tlb_mm_range [flush]",
        "tlb_batch_pages_flush [free table 4]",
        "tlb_batch_pages_flush [free 6]",
        "mmap_write_unlock [return]",
      ]
    `)
  })

  it('6.1: one flush and one call serve page and table, and the table, gathered last, is freed first', () => {
    expect(opsOf(runAlone(labOf('munmap-page-table', { kernel: '6.1' })), 'CPU 0').slice(6)).toMatchInlineSnapshot(`
      [
        "__mmu_notifier_invalidate_range [range()]",
        "completion wait [complete]",
        "__mmu_notifier_invalidate_range_end [end]",
        "unlink_file_vma [pgtables]",
        "free_pte_range [unlink PTE]",
        "flush_tlb_mm_range [flush]",
        "__mmu_notifier_invalidate_range [range()]",
        "completion wait [complete]",
        "tlb_batch_pages_flush [free table 4]",
        "tlb_batch_pages_flush [free 6]",
        "mmap_read_unlock [return]",
      ]
    `)
  })

  it('6.6: the same with the page freed before its table', () => {
    expect(opsOf(runAlone(labOf('munmap-page-table', { kernel: '6.6' })), 'CPU 0').slice(6)).toMatchInlineSnapshot(`
      [
        "__mmu_notifier_invalidate_range_end [end]",
        "unlink_file_vma [pgtables]",
        "free_pte_range [unlink PTE]",
        "flush_tlb_mm_range [flush]",
        "mmu_notifier_arch_invalidate_secondary_tlbs [range()]",
        "completion wait [complete]",
        "tlb_batch_pages_flush [free 6]",
        "tlb_batch_pages_flush [free table 4]",
        "mmap_read_unlock [return]",
      ]
    `)
  })

  it('takes out every level that has become empty, bottom up, but never the PGD', () => {
    const alone = scenarioOf({ regions: [buf()], cpus: [app({ do: 'munmap', region: 'buf' })] })
    const marks = runAlone(labOf(alone)).film.map(s => s.mark)
    expect(marks.filter(m => m.startsWith('unlink'))).toEqual(['unlink PTE', 'unlink PMD', 'unlink PUD'])
    expect(marks.filter(m => m.startsWith('free table'))).toEqual(['free table 4', 'free table 3', 'free table 2'])
  })
})

describe('the mmap lock during munmap', () => {
  const downgrades = (above: 'heap' | 'stack', kernel: '4.15' | '6.1' | '6.6'): boolean => {
    const scenario = scenarioOf({
      regions: [buf(), neighbour({ name: above, growsDown: above === 'stack' })],
      cpus: [app({ do: 'munmap', region: 'buf' })],
      devices: [gpu()],
    })
    const { film } = runAlone(labOf(scenario, { kernel }))
    const down = film.some(s => s.events.some(e => e.type === 'mmap-lock-downgraded'))
    expect(fnOf(known(film.at(-1), 'a step'))).toBe(down ? 'mmap_read_unlock' : 'mmap_write_unlock')
    return down
  }

  it('is held for writing to the end before 4.20', () => {
    expect(downgrades('heap', '4.15')).toBe(false)
  })

  it('is downgraded in 6.1 once the VMA is out of the tree, but not below a stack, which could grow into the hole', () => {
    expect(downgrades('heap', '6.1')).toBe(true)
    expect(downgrades('stack', '6.1')).toBe(false)
  })

  it('is downgraded in 6.6 below a stack too', () => {
    expect(downgrades('stack', '6.6')).toBe(true)
  })
})

it('munmap of a hole locks, looks, and returns: nothing is unmapped and nobody is told', () => {
  const twice = scenarioOf({
    regions: [buf(), neighbour()],
    cpus: [app({ do: 'munmap', region: 'buf' }, { do: 'munmap', region: 'buf' })],
    devices: [gpu()],
  })
  expect(opsOf(runAlone(labOf(twice)), 'CPU 0').slice(-3)).toEqual([
    'mmap_write_lock_killable [lock]',
    'detach_vmas_to_be_unmapped [detach_vmas_to_be_unmapped]',
    'mmap_write_unlock [return]',
  ])
})

it('shrinking the heap with brk is munmap by another name, step for step', () => {
  const shrink = (how: 'munmap' | 'brk') => {
    const scenario = scenarioOf({
      regions: [buf({ name: 'heap', pages: 3, present: [0, 2] })],
      cpus: [app({ do: how, region: 'heap', first: 1 })],
      devices: [gpu()],
    })
    return runAlone(labOf(scenario))
  }
  const brk = shrink('brk')
  expect(filmOf(brk)).toBe(filmOf(shrink('munmap')))
  expect(brk.film.at(-1)?.sentence).toBe('CPU 0: brk returns.')
  // start and end speak of the whole range, the flush only of the page that was mapped.
  const told = brk.film.flatMap(s => s.events).flatMap(e => ('range' in e && e.range !== 'all' ? [e] : []))
  expect(told.find(e => e.type === 'invalidate-range-started')?.range).toEqual({ start: 0x100000001, end: 0x100000003 })
  expect(told.find(e => e.type === 'cpu-flush-started')?.range).toEqual({ start: 0x100000002, end: 0x100000003 })
})

describe('a range of more than 33 pages', () => {
  const calls = (kernel: '6.1' | '6.6') => {
    const sparse = scenarioOf({
      frames: 16,
      regions: [buf({ pages: 40, present: [1, 38] }), neighbour()],
      cpus: [app({ do: 'munmap', region: 'buf' })],
      devices: [gpu()],
    })
    const events = runAlone(labOf(sparse, { kernel })).film.flatMap(s => s.events)
    return events.flatMap(e =>
      e.type === 'cpu-flush-started' || (e.type === 'secondary-tlb-invalidate-called' && e.site === 'outside')
        ? [e.range]
        : [],
    )
  }
  const gathered = { start: 0x100000001, end: 0x100000027 }

  it('is a full flush for the CPUs, and for the notifier of 6.1 the range from the first to the last page that was mapped', () => {
    expect(calls('6.1')).toEqual(['all', gathered])
  })

  it('is everything for both in 6.6, whose x86 flush hands on what it flushed', () => {
    expect(calls('6.6')).toEqual(['all', 'all'])
  })
})

it.each([
  ['4.19', false],
  ['5.5', true],
  ['6.19', true],
] as const)('%s: the range of start() says why: %s', (kernel, says) => {
  const { programs } = labOf('munmap-plain', { kernel, driver: 'notifier' })
  const start = programs.flatMap(p => p.ops).find(op => op.fn === '__mmu_notifier_invalidate_range_start')
  expect(start?.why.includes('MMU_NOTIFY_UNMAP')).toBe(says)
})
