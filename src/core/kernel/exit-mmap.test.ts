import { describe, expect, it } from 'vitest'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, opsOf, runAlone } from '../testing/films.ts'
import { app, buf, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { viewOf } from '../view/view-of.ts'

const exit = scenarioOf({
  frames: 12,
  regions: [buf(), neighbour()],
  cpus: [app({ do: 'exit' }), other({ do: 'allocate', as: 'pte-bytes' })],
  devices: [gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'buf[1]' })],
})

describe('exit of a process that a GPU works in', () => {
  it('release is the only callback, with every page still mapped; the unmap that follows tells nobody', () => {
    const run = runAlone(labOf(exit, { kernel: '6.1' }))
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "CPU 0                                    IOMMU
      mmap_write_lock [lock]
      __mmu_notifier_release [release]
                                               invalidate [invalidate]
      completion wait [complete]
      tlb_gather_mmu_fullmm [gather]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      ptep_get_and_clear_full [clear buf[1]]
      pte_unmap_unlock [unlock]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear heap[0]]
      pte_unmap_unlock [unlock]
      unlink_file_vma [pgtables]
      free_pte_range [unlink PTE]
      free_pmd_range [unlink PMD]
      free_pud_range [unlink PUD]
      flush_tlb_mm_range [flush]
      tlb_batch_pages_flush [free table 2]
      tlb_batch_pages_flush [free table 3]
      tlb_batch_pages_flush [free table 4]
      tlb_batch_pages_flush [free 7]
      tlb_batch_pages_flush [free 6]
      tlb_batch_pages_flush [free 5]
      mmap_write_unlock [return]"
    `)
    const callbacks = run.film
      .flatMap(s => s.events.map(e => e.type))
      .filter(type => /invalidate-range|called/.test(type))
    expect(callbacks).toEqual([])
  })

  it('arm64: with the whole mm going, no VMA is flushed by itself', () => {
    const ops = opsOf(runAlone(labOf(exit, { kernel: '6.6', arch: 'arm64' })), 'CPU 0')
    expect(ops.filter(op => op.startsWith('__flush_tlb_range'))).toHaveLength(1)
    expect(ops.indexOf('__flush_tlb_range [flush]')).toBeGreaterThan(ops.indexOf('free_pud_range [unlink PUD]'))
  })

  it.each(['3.18', '3.19', '6.6'] as const)(
    '%s: is safe in every interleaving, because release stops the hardware',
    kernel => {
      const { damage, deadlock } = enumerate(labOf(exit, { kernel }))
      expect([damage, deadlock]).toEqual([0, undefined])
    },
  )

  it('gives back every frame but the PGD, which goes later', () => {
    const run = runAlone(labOf({ ...exit, cpus: [app({ do: 'exit' })] }))
    const { frames } = viewOf(run.lab, run.stateAt(run.length))
    expect(frames.filter(f => f.use !== 'free').map(f => f.label)).toEqual(['kernel', 'PGD'])
  })
})
