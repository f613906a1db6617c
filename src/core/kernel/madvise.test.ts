import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, finish, opsOf, runAlone, runOf } from '../testing/films.ts'
import { app, buf, gpu, labOf, neighbour, scenarioOf } from '../testing/labs.ts'

const drop = scenarioOf({
  regions: [buf(), neighbour()],
  cpus: [app({ do: 'madvise-dontneed', region: 'buf' })],
  devices: [gpu()],
})

describe('madvise(MADV_DONTNEED)', () => {
  it('6.1: a gather and a pair under the read lock, the order of munmap without page tables', () => {
    expect(filmOf(runAlone(labOf(drop, { kernel: '6.1' })))).toMatchInlineSnapshot(`
      "CPU 0                                          IOMMU
      mmap_read_lock [lock]
      tlb_gather_mmu [gather]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      __mmu_notifier_invalidate_range_end [end]
      flush_tlb_mm_range [flush]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      tlb_batch_pages_flush [free 6]
      tlb_batch_pages_flush [free 5]
      mmap_read_unlock [return]"
    `)
  })

  it('6.6: one call, after end() and after the CPUs', () => {
    expect(opsOf(runAlone(labOf(drop, { kernel: '6.6' })), 'CPU 0')).toMatchInlineSnapshot(`
      [
        "mmap_read_lock [lock]",
        "tlb_gather_mmu [gather]",
        "__mmu_notifier_invalidate_range_start [start]",
        "pte_offset_map_lock [zap]",
        "ptep_get_and_clear_full [clear buf[0]]",
        "ptep_get_and_clear_full [clear buf[1]]",
        "pte_unmap_unlock [unlock]",
        "__mmu_notifier_invalidate_range_end [end]",
        "flush_tlb_mm_range [flush]",
        "mmu_notifier_arch_invalidate_secondary_tlbs [range()]",
        "completion wait [complete]",
        "tlb_batch_pages_flush [free 5]",
        "tlb_batch_pages_flush [free 6]",
        "mmap_read_unlock [return]",
      ]
    `)
  })

  it('3.18, empty-table driver: the PASID points at an empty table from start to end, each swap flushed and waited for', () => {
    const run = runAlone(labOf(drop, { kernel: '3.18', driver: 'empty-table' }))
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "CPU 0                                          IOMMU
      mmap_read_lock [lock]
      tlb_gather_mmu [gather]
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
      flush_tlb_mm_range [flush]
      tlb_batch_pages_flush [free 6]
      tlb_batch_pages_flush [free 5]
      mmap_read_unlock [return]"
    `)
    expect(run.film.flatMap(s => s.events.flatMap(e => (e.type === 'pasid-root-set' ? [e.root] : [])))).toEqual([
      'empty',
      'real',
    ])
  })

  it('the VMA stays: the next access faults in a new frame at the old address', () => {
    const again = scenarioOf({
      regions: [buf(), neighbour()],
      cpus: [app({ do: 'madvise-dontneed', region: 'buf' }, { do: 'write', page: 'buf[0]' })],
    })
    const run = runAlone(labOf(again, { kernel: '3.18' }))
    expect(opsOf(run, 'CPU 0').slice(-11)).toMatchInlineSnapshot(`
      [
        "page walk [PGD]",
        "page walk [PUD]",
        "page walk [PMD]",
        "page walk [fault]",
        "mmap_read_trylock [mmap_read_trylock]",
        "handle_mm_fault [map buf[0]]",
        "mmap_read_unlock [mmap_read_unlock]",
        "store [miss]",
        "page walk [PTE]",
        "page walk [fill]",
        "store [write]",
      ]
    `)
  })
})

describe('two madvise(MADV_DONTNEED) of the same page at once', () => {
  // The one that comes second finds the PTE clear and gathers nothing, yet must not return before the translation is gone.
  const twice = scenarioOf({
    frames: 12,
    regions: [buf({ pages: 1 })],
    cpus: [app({ do: 'madvise-dontneed', region: 'buf' }), app({ do: 'madvise-dontneed', region: 'buf' })],
    devices: [gpu({ do: 'write', page: 'buf[0]' })],
  })
  const uncovered = (chosen: Parameters<typeof labOf>[1]): boolean =>
    (enumerate(labOf(twice, chosen)).damage & DAMAGE.rangeNotCovered) !== 0

  it('the second returns too early where tlb_finish_mmu() does not look for other gathers (B24)', () => {
    expect(uncovered({ kernel: '6.6', switches: { nestedGatherForcesFlush: false } })).toBe(true)
    expect(uncovered({ kernel: '6.6' })).toBe(false)
  })

  it('6.1 flushes everything then, and tells the notifier an empty range: the call by end() hides it (B09)', () => {
    expect(uncovered({ kernel: '6.1' })).toBe(false)
    expect(uncovered({ kernel: '6.1', switches: { endImpliesInvalidate: false } })).toBe(true)
    expect(uncovered({ kernel: '6.1', switches: { endImpliesInvalidate: false, nestedRangeEncoding: 'full' } })).toBe(
      false,
    )
  })

  it('says so as it happens: the last flush is forced to take in everything', () => {
    const lab = labOf(twice, { kernel: '6.6' })
    // CPU 0 stops before its last flush, CPU 1 comes through, finds the PTE clear, and flushes for both.
    const run = runOf(lab, Array(7).fill({ actor: 0, alternative: 0 }))
    expect(run.film.at(-1)?.mark).toBe('end')
    finish(run, 1)
    const last = run.film.flatMap(s => (s.choice.actor === 1 ? s.events : []))
    expect(last).toContainEqual({ type: 'tlb-finish-started', nested: true })
    expect(last).toContainEqual(
      expect.objectContaining({ type: 'secondary-tlb-invalidate-called', range: 'all', site: 'outside' }),
    )
  })

  it('blames nobody for a page that was faulted in again and is now another zap’s to tell', () => {
    const { damage, deadlock } = enumerate(labOf(twice, { kernel: '6.6' }))
    expect([damage, deadlock]).toEqual([0, undefined])
  })
})
