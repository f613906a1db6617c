import { known } from '../base/assert.ts'
import { everyPage, fixedPages, roomInQueue, submits } from '../device/footprints.ts'
import { submit } from '../device/invalidation-queue.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { freeTable, putPage } from '../machine/frames.ts'
import { pteAt, ptePfn, ptePresent, setPte, setTableFrame, tableFrame } from '../machine/page-table.ts'
import { pageLabel, pageVpn, toPfn } from '../machine/setup.ts'
import { LEVELS } from '../units.ts'
import { completionSpecs } from './completion-wait.ts'
import { flushTlb } from './flush-tlb.ts'
import { rangeText } from './mmap-lock.ts'
import type { Task } from './task.ts'

/**
 * The kernel frees a mapping of its own, pages [lo, hi), with the page table under it: vfree(), module unload, memory hot-unplug. On x86
 * every process's page table has the kernel's half in it, so an IOMMU that walks the process's table walks this one too. No notifier of
 * the mm is called for it. From 6.19 on the table is freed by a work item that tells the IOMMUs first.
 *
 * Kernel: vunmap_range() mm/vmalloc.c, pagetable_free() mm/pgtable-generic.c, iommu_sva_invalidate_kva_range() drivers/iommu/iommu-sva.c.
 * Simplified: one PTE table; the work item runs on the same CPU and frees what this call put on its list.
 */
export function vfree(t: Task, lo: number, hi: number): void {
  const { asm, s } = t
  const place = known(s.shape.path[lo]?.[LEVELS.length - 1], 'PTE table')
  const deferred = s.policy.kernelTableFree === 'deferred-and-notified'
  asm.within('vfree', () => {
    asm.beginPhase({ id: 'vunmap', title: 'vunmap', note: 'PTEs of the kernel cleared', kind: 'work', amber: true })
    asm.op({
      fn: 'vunmap_range_noflush',
      file: 'mm/vmalloc.c',
      label: `clear the PTEs of ${rangeText(s, lo, hi)}`,
      why: 'The kernel’s own mapping goes. No mm is asked, and no notifier of one is called.',
      run: (m, emit, next) => {
        for (let page = lo; page < hi; page++) clearPage(t, m, page, emit)
        return next
      },
    })
    asm.op({
      fn: 'pmd_free_pte_page',
      file: 'arch/x86/mm/pgtable.c',
      label: `take the page table of ${pageLabel(s, lo)} out`,
      why: 'The entry above is cleared. A paging-structure cache may still name the table, an IOMMU’s too.',
      run: (m, emit, next) => {
        const pfn = tableFrame(s.shape, m, place)
        setTableFrame(s.shape, m, place, -1)
        keep(t, m, (pfn << 1) | 1)
        emit?.({ type: 'table-unlinked', level: 'PTE', vpn: pageVpn(s, lo), pfn: toPfn(pfn) })
        return next
      },
    })
    flushTlb(t, {
      fn: 'flush_tlb_kernel_range',
      pages: fixedPages(lo, hi),
      tables: true,
      notifies: false,
      tells: false,
      site: 'outside',
      phase: 'kernel',
    })
    if (deferred && s.bound) tellOfKernelTables(t)
    asm.beginPhase({ id: 'free', title: 'free', note: 'table and pages', kind: 'work', amber: false })
    asm.op({
      fn: deferred ? 'kernel_pgtable_work_func' : 'pagetable_free',
      file: 'mm/pgtable-generic.c',
      label: 'free the page table and the pages',
      why: 'From here on the table’s frame can be anybody’s, with any bytes in it.',
      run: (m, emit, next) => {
        // The table last: the next allocation gets it.
        for (let i = 0; i < get(m, t.k.gatherCount, 0); i++) {
          const entry = get(m, t.k.gatherList, i)
          set(m, t.k.gatherList, i, 0)
          if ((entry & 1) === 1) freeTable(s, m, entry >>> 1, emit)
          else putPage(s, m, entry >>> 1, emit)
        }
        set(m, t.k.gatherCount, 0, 0)
        return next
      },
    })
  })
}

function clearPage(t: Task, m: Machine, page: number, emit?: Emit): void {
  const pte = pteAt(t.s.shape, m, page)
  if (!ptePresent(pte)) return
  setPte(t.s.shape, m, page, 0)
  set(m, t.s.shape.mapcount, ptePfn(pte), 0)
  keep(t, m, ptePfn(pte) << 1)
  emit?.({ type: 'pte-cleared', vpn: pageVpn(t.s, page), pfn: toPfn(ptePfn(pte)), dirty: false })
}

/** Remembers a frame, as a gather does, until it is freed. */
function keep({ k }: Task, m: Machine, entry: number): void {
  const count = get(m, k.gatherCount, 0)
  set(m, k.gatherList, count, entry)
  set(m, k.gatherCount, 0, count + 1)
}

/** iommu_sva_invalidate_kva_range(): every mm that is bound to a device hears that the kernel's half has changed. */
function tellOfKernelTables(t: Task): void {
  const { asm, s } = t
  const all = everyPage(s)
  asm.beginPhase({
    id: 'secondary kernel',
    title: 'iommu_sva_invalidate_kva_range',
    note: 'unlinked, not yet freed',
    kind: 'call',
    amber: true,
  })
  asm.op({
    fn: 'iommu_sva_invalidate_kva_range',
    file: 'drivers/iommu/iommu-sva.c',
    label: 'tell the IOMMU that page tables of the kernel go',
    why: 'The table is unlinked and not yet freed: an IOMMU that drops its walk cache now cannot get it back.',
    needs: [roomInQueue(s)],
    blocked: () => 'the invalidation queue is full',
    run: (m, emit, next) => {
      submit(s, m, t.cpu, 'all', false, emit)
      return next
    },
    touches: submits(s, t.cpu, all, () => false),
  })
  for (const spec of completionSpecs(t, everyPage(s), () => false)) asm.op(spec)
}
