import { ROOT } from '../device/device.ts'
import { everyPage, roomInQueue, submits } from '../device/footprints.ts'
import { namedFor, submit } from '../device/invalidation-queue.ts'
import { set } from '../machine/cells.ts'
import { setPasidRoot } from '../machine/pasids.ts'
import { span } from '../machine/resources.ts'
import { omitting } from '../threads/program.ts'
import { completionSpecs } from './completion-wait.ts'
import { freePgtables } from './free-pgtables.ts'
import { tlbGatherMmu } from './mmu-gather.ts'
import { enter, leave } from './operation.ts'
import { mmOf, subscribed, type Task } from './task.ts'
import { tlbFinishMmu } from './tlb-finish.ts'
import { unmapVmas } from './unmap-vmas.ts'

/**
 * exit_mmap(), mm/mmap.c: release() is the only callback, so the driver must make the hardware stop walking in it; nobody is
 * subscribed any more when the pages go.
 *
 * Simplified: the mmap lock is held for writing throughout; the PGD itself stays.
 */
export function exitMmap(t: Task): void {
  const { asm, s } = t
  const { first, end } = mmOf(t)
  asm.within('exit_mmap', () => {
    enter(t, 'exit', first, end, 'write')
    if (subscribed(t)) asm.within('mmu_notifier_release', () => release(t))
    // Nobody is subscribed any more, and with fullmm tlb_end_vma() leaves all flushing to the end.
    const alone: Task = { ...t, s: { ...s, subscribed: false, policy: { ...s.policy, mergeVmas: true } } }
    asm.op({
      fn: 'tlb_gather_mmu_fullmm',
      file: 'mm/mmu_gather.c',
      label: 'begin to gather the whole mm',
      why: 'The process is gone: everything goes.',
      run: (m, emit, next) => {
        for (let page = first; page < end; page++) set(m, s.shape.vma, page, 0)
        tlbGatherMmu(t, m, emit)
        return next
      },
      touches: [{ writes: span(s.resources.vma, first, end), merges: [s.resources.flushPending] }],
    })
    unmapVmas(alone, first, end)
    freePgtables(alone, first, end)
    tlbFinishMmu(alone)
    leave(t, 'exit', first, end, { gathers: true, writes: true, lock: 'write' })
  })
}

function release(t: Task): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'release', title: 'release', note: 'the hardware stops walking', kind: 'call', amber: false })
  asm.op({
    fn: '__mmu_notifier_release',
    file: 'mm/mmu_notifier.c',
    label: 'call release: the driver unbinds the PASID',
    why: 'All pages are still mapped. After this the IOMMU has no root to walk from and no entry left.',
    needs: [roomInQueue(s)],
    blocked: () => 'the invalidation queue is full',
    run: (m, emit, next) => {
      emit?.({ type: 'notifier-released' })
      setPasidRoot(s, m, t.mm, ROOT.none)
      emit?.({ type: 'pasid-root-set', root: 'none' })
      submit(s, m, t.cpu, namedFor(s, t.mm, 'all'), false, emit)
      return next
    },
    without: [omitting('the call of release')],
    touches: [{ writes: [s.resources.root] }, ...submits(s, t.cpu, everyPage(s), () => false)],
  })
  for (const spec of completionSpecs(t, everyPage(s), () => false)) asm.op(spec)
}
