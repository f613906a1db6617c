import { consumersOf } from '../consumers/consumer.ts'
import { dialectOf } from '../device/commands/encode.ts'
import { fixedPages, roomInQueue, submits } from '../device/footprints.ts'
import { submit } from '../device/invalidation-queue.ts'
import { pageLabel, rangeOf } from '../machine/setup.ts'
import { holdPair } from '../machine/subscriptions.ts'
import { omitting } from '../threads/program.ts'
import { completionSpecs } from './completion-wait.ts'
import { releasePair, walkList } from './notifier-list.ts'
import { subscribed, type Task } from './task.ts'

/**
 * mmu_notifier_invalidate_page(), up to 4.12: one page was unmapped, or write-protected, through the reverse map. Every IOMMU driver of
 * those days flushed that page (the empty-table driver too, without swapping tables).
 *
 * Kernel: mm/mmu_notifier.c; mn_invalidate_page() drivers/iommu/amd_iommu_v2.c, intel_invalidate_page() drivers/iommu/intel-svm.c.
 * Simplified: other subscribers do for the page what they do in start and then in end.
 */
export function invalidatePage(t: Task, page: number): void {
  const { asm, s } = t
  const consumers = consumersOf(t)
  const phase = (kind: 'call' | 'empty') => ({
    id: 'invalidate page',
    title: 'invalidate_page',
    note: s.policy.invalidatePagePlacement === 'under-ptl' ? 'under the page-table lock' : 'after the lock',
    kind,
    amber: true,
  })
  if (!subscribed(t) && consumers.length === 0) {
    asm.skipPhase(phase('empty'))
    return
  }
  asm.beginPhase(phase('call'))
  asm.within('mmu_notifier_invalidate_page', () => {
    if (subscribed(t)) {
      // intel_invalidate_page() flushed with IH=1: only a leaf has changed.
      const leafPages = dialectOf(s.policy)?.leafPages === true
      const leafOnly = (): boolean => leafPages || s.policy.invalidateKind === 'leaf'
      asm.op({
        fn: '__mmu_notifier_invalidate_page',
        file: 'mm/mmu_notifier.c',
        label: `call invalidate_page: the driver queues a flush of ${pageLabel(s, page)}`,
        why: 'One page, no start and no end. The reference of whoever unmaps it keeps the frame meanwhile.',
        needs: [roomInQueue(s)],
        blocked: () => 'the invalidation queue is full',
        run: (m, emit, next) => {
          emit?.({ type: 'page-invalidate-called', range: rangeOf(s, page, page + 1) })
          submit(s, m, t.cpu, [page, page + 1], leafOnly(), emit)
          return next
        },
        without: [omitting('the call of invalidate_page')],
        touches: submits(s, t.cpu, fixedPages(page, page + 1), leafOnly),
      })
      for (const spec of completionSpecs(t, fixedPages(page, page + 1), leafOnly)) asm.op(spec)
    }
    walkList(
      t,
      '__mmu_notifier_invalidate_page',
      c => {
        c.start?.(t, { reason: 'CLEAR', lo: page, hi: page + 1, single: true })
        c.end?.(t, { reason: 'CLEAR', lo: page, hi: page + 1 })
      },
      { before: m => holdPair(s.shape, m, 1), after: releasePair(t) },
    )
  })
}
