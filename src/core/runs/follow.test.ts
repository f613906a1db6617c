import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { damageOf } from '../machine/damage.ts'
import { enumerate } from '../testing/enumerate.ts'
import { runAlone, runOf } from '../testing/films.ts'
import { type Chosen, labOf } from '../testing/labs.ts'
import { anyPicks, anyPlace, labAt, picked } from '../testing/walks.ts'
import { type Followed, follow } from './follow.ts'
import { Run } from './run.ts'
import { ARCHS, DRIVER_KINDS, KERNEL_IDS } from './settings.ts'

/** Both sides, row by row: what stands on one side only has nothing beside it. */
const rowsOf = ({ rows }: Followed): string =>
  rows
    .map(r => `${r.same ? '=' : ' '} ${(r.hereStep?.op ?? '').padEnd(40)}${r.thereStep?.op ?? ''}`.trimEnd())
    .join('\n')

describe('a run followed in another kernel', () => {
  it('with the same settings is the same run, step by step', () => {
    const run = runAlone(labOf('munmap-plain', { kernel: '6.1' }))
    const followed = follow(run, labOf('munmap-plain', { kernel: '6.1' }))
    expect(followed.rows.every(r => r.same)).toBe(true)
    expect(followed.run.checksumAt(followed.run.length)).toBe(run.checksumAt(run.length))
  })

  it('from 6.1 to 6.6: the call by end() goes, the call by the flush moves into it', () => {
    const followed = follow(runAlone(labOf('munmap-page-table', { kernel: '6.1' })), labOf('munmap-page-table'))
    expect(rowsOf(followed)).toMatchInlineSnapshot(`
      "= mmap_write_lock_killable                mmap_write_lock_killable
      = do_mas_align_munmap                     do_vmi_align_munmap
      = __mmu_notifier_invalidate_range_start   __mmu_notifier_invalidate_range_start
      = pte_offset_map_lock                     pte_offset_map_lock
      = ptep_get_and_clear_full                 ptep_get_and_clear_full
      = pte_unmap_unlock                        pte_unmap_unlock
        __mmu_notifier_invalidate_range
        invalidate
        completion wait
      = __mmu_notifier_invalidate_range_end     __mmu_notifier_invalidate_range_end
      = unlink_file_vma                         unlink_file_vma
      = free_pte_range                          free_pte_range
      = flush_tlb_mm_range                      flush_tlb_mm_range
                                                mmu_notifier_arch_invalidate_secondary_tlbs
        __mmu_notifier_invalidate_range
      = invalidate                              invalidate
      = completion wait                         completion wait
        tlb_batch_pages_flush                   tlb_batch_pages_flush
        tlb_batch_pages_flush                   tlb_batch_pages_flush
      = mmap_read_unlock                        mmap_read_unlock"
    `)
    expect(followed.stopped).toBe('')
  })

  it('from 3.18 to 3.19: the schedule that loses a page cannot be followed to the loss', () => {
    const here = labOf('munmap-forced-flush', { kernel: '3.18' })
    const lost = runOf(here, known(enumerate(here).wayTo(1), 'a way'))
    expect(damageOf(here.setup, lost.stateAt(lost.length))).not.toBe(0)
    const { run, stopped } = follow(lost, labOf('munmap-forced-flush', { kernel: '3.19' }))
    expect(damageOf(run.lab.setup, run.stateAt(run.length))).toBe(0)
    expect(stopped).toMatchInlineSnapshot(
      `"CPU 0 cannot go on there: the IOMMU has not executed the invalidate yet; IOMMU: it drains walks first, and one for GPU 0 is under way"`,
    )
  })

  it('leaves nothing out, whoever moved and wherever it goes: every step of both sides, once and in order', () => {
    const there = fc.record({
      kernel: fc.constantFrom(...KERNEL_IDS),
      driver: fc.constantFrom(...DRIVER_KINDS),
      arch: fc.constantFrom(...ARCHS),
    })
    fc.assert(
      fc.property(anyPlace, anyPicks, there, (place, picks, elsewhere: Chosen) => {
        const run = new Run(labAt(place))
        for (const pick of picks) {
          const choice = picked(run.lab, run.stateAt(run.length), pick)
          if (choice !== undefined) run.push(choice)
        }
        const { rows, run: other, stopped } = follow(run, labAt({ ...place, chosen: elsewhere }))
        const here = rows.flatMap(r => (r.hereStep === null ? [] : [r.hereStep.number]))
        expect(here).toEqual(here.map((_, i) => i + 1))
        if (stopped === '') expect(here).toHaveLength(run.length)
        const followed = rows.flatMap(r => (r.thereStep === null ? [] : [r.thereStep]))
        expect(followed).toEqual(other.film)
        for (const r of rows) {
          expect(r.hereStep?.number ?? r.here).toBe(r.here)
          expect(r.thereStep?.number ?? r.there).toBe(r.there)
        }
      }),
      { numRuns: 200 },
    )
  })
})
