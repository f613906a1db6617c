import { fixedPages, roomInQueue } from '../device/footprints.ts'
import { submit } from '../device/invalidation-queue.ts'
import { setReferenced, testAndClearYoung } from '../machine/accessed.ts'
import { type Machine, set } from '../machine/cells.ts'
import { pteAt, ptePfn, ptePresent, tableFrame } from '../machine/page-table.ts'
import { NOBODY, pageLabel, pageVpn, toPfn } from '../machine/setup.ts'
import type { PhaseView } from '../threads/phase.ts'
import { LEVELS } from '../units.ts'
import { completionSpecs } from './completion-wait.ts'
import { flushTlb } from './flush-tlb.ts'
import { ptlIfThere } from './mmap-lock.ts'
import { mmsOf, rmapWalk } from './rmap-unmap.ts'
import { subscribed, type Task } from './task.ts'

/**
 * Looks at the Accessed bit of each page, wherever it is mapped, and clears it: what kswapd does before it reclaims, and `idle`, what
 * /sys/kernel/mm/page_idle does to see which pages are in use. A TLB that has the page goes on using it and sets no bit, until it is flushed
 * or forgets the page.
 *
 * Kernel: folio_referenced_one() mm/rmap.c with ptep_clear_flush_young_notify(); page_idle_clear_pte_refs_one() mm/page_idle.c with
 * ptep_clear_young_notify(), which flushes nothing. The flush of the first is policy.agingFlushes. The driver of AMD IOMMUv2 flushed the page
 * in clear_flush_young; others have no such callback.
 * Simplified: arm64 waits for its TLBI, which flush_tlb_page_nosync() does not; no MGLRU, whose lru_gen_look_around() flushes nothing; KVM and
 * mirrors are not asked.
 */
export function age(t: Task, lo: number, hi: number, idle: boolean): void {
  const { asm } = t
  asm.within(idle ? 'page_idle_clear_pte_refs' : 'folio_referenced', () => {
    asm.beginPhase({ ...agePhase, title: idle ? 'page_idle' : 'age' })
    for (let page = lo; page < hi; page++) for (const at of rmapWalk(t.s, page)) ageOne(t, at, idle, false)
  })
}

const agePhase: PhaseView = { id: 'age', title: 'age', note: 'Accessed bits', kind: 'work', amber: false }

/** One mapping. `counts`: whether it was young is kept, for whoever reclaims the page. */
export function ageOne(task: Task, page: number, idle: boolean, counts = true): void {
  const { s, asm } = task
  const { shape } = s
  const t: Task = { ...task, mm: mmsOf(s, [page])[0] ?? 0, range: [page, page + 1] }
  const place = shape.path[page]?.[LEVELS.length - 1] ?? 0
  const label = pageLabel(s, page)
  const absent = (m: Machine): boolean => tableFrame(shape, m, place) < 0 || !ptePresent(pteAt(shape, m, page))
  const flushes = !idle && (s.policy.arch === 'arm64' || s.policy.agingFlushes)
  const [skip, old] = [asm.label(), asm.label()]
  asm.op({
    fn: 'page_vma_mapped_walk',
    file: 'mm/page_vma_mapped.c',
    label: m => (absent(m) ? `not find ${label} mapped` : `find the PTE of ${label}, and take its lock`),
    why: 'Every mapping of the page has an Accessed bit of its own.',
    ...ptlIfThere(s, place),
    run: (m, _emit, next) => {
      if (absent(m)) return skip.at
      set(m, shape.ptl, place, t.holder)
      return next
    },
    goes: ['next', skip],
  })
  asm.op({
    fn: idle ? 'ptep_clear_young_notify' : 'ptep_clear_flush_young',
    file: idle ? 'include/linux/mmu_notifier.h' : 'mm/pgtable-generic.c',
    label: `see whether ${label} was accessed, and clear the bit`,
    why: flushes
      ? 'A TLB that has the page would set no bit again, so it is flushed.'
      : 'Nothing is flushed. Whoever has the page in a TLB goes on, and the bit stays clear: the page looks unused.',
    run: (m, emit, next) => {
      const young = testAndClearYoung(shape, m, page)
      if (young && counts) setReferenced(shape, m, t.cpu, true)
      emit?.({ type: 'page-aged', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pteAt(shape, m, page))), young })
      return young ? next : old.at
    },
    goes: ['next', old],
  })
  if (flushes)
    flushTlb(t, {
      fn: 'flush_tlb_page',
      pages: fixedPages(page, page + 1),
      tables: false,
      notifies: false,
      site: 'outside',
      phase: 'aged',
    })
  asm.place(old)
  if (!idle) clearFlushYoung(t, page)
  asm.beginPhase(agePhase)
  asm.op({
    fn: 'pte_unmap_unlock',
    file: 'mm/rmap.c',
    label: 'drop the page-table lock',
    why: 'Other CPUs may change this table again.',
    run: (m, _emit, next) => {
      set(m, shape.ptl, place, NOBODY)
      return next
    },
  })
  asm.place(skip)
}

/** mmu_notifier_clear_flush_young(): of the drivers here the empty-table one has it, mn_clear_flush_young() drivers/iommu/amd_iommu_v2.c. */
function clearFlushYoung(t: Task, page: number): void {
  const { asm, s } = t
  if (!subscribed(t) || s.policy.driver !== 'empty-table') return
  asm.beginPhase({ id: 'young', title: 'clear_flush_young', note: 'under the lock', kind: 'call', amber: false })
  asm.within('mmu_notifier_clear_flush_young', () => {
    asm.op({
      fn: '__mmu_notifier_clear_flush_young',
      file: 'mm/mmu_notifier.c',
      label: `call clear_flush_young: the driver queues a flush of ${pageLabel(s, page)}`,
      why: 'The device’s accesses count too. Once its IOTLB has dropped the page, its next walk sets the bit.',
      needs: [roomInQueue(s)],
      blocked: () => 'the invalidation queue is full',
      run: (m, emit, next) => {
        submit(s, m, t.cpu, [page, page + 1], true, emit)
        return next
      },
    })
    for (const spec of completionSpecs(t, fixedPages(page, page + 1), () => true)) asm.op(spec)
  })
}
