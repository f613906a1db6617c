import { fixedPages } from '../device/footprints.ts'
import { completed, queueFull, submit, submitRest, twoRounds } from '../device/invalidation-queue.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { pteAt, ptePresent, pteWrite } from '../machine/page-table.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import { flushTlb } from './flush-tlb.ts'
import type { Task } from './task.ts'

/*
 * ptep_set_access_flags(), arch/arm64/mm/fault.c: a fault that makes a PTE writable flushes the page, because a TLB may have it as
 * read-only. From 6.6 on the flush tells secondary TLBs: policy.upgradeNotifies. x86 flushes nothing: whoever finds no permission walks
 * again. Written only where scenarios write-protect pages.
 * Simplified: the flush comes when the page-table lock has been dropped, the mmap lock still held; a device's fault flushes no CPU,
 * and KVM's faults and faults that have to copy do not flush.
 */

/** A fault may raise a permission, and flushes then. */
export const mayRaise = (s: Setup): boolean => s.policy.arch === 'arm64' && s.shape.sizes.features.denials

/** The flush of a fault that a CPU took. */
export function raisedFlush(t: Task, page: number): void {
  t.asm.within('ptep_set_access_flags', () =>
    flushTlb(t, {
      fn: 'flush_tlb_page',
      pages: fixedPages(page, page + 1),
      tables: false,
      notifies: false,
      tells: t.s.policy.upgradeNotifies,
      site: 'outside',
      phase: 'raised',
    }),
  )
  t.asm.endPhases()
}

/** The fault worker stands after the CPUs among those who submit. */
const worker = (s: Setup): number => s.cpus.length

/** A driver hears of it. */
const tells = (s: Setup): boolean =>
  mayRaise(s) && s.policy.upgradeNotifies && s.subscribed && s.policy.rangeCallback && s.policy.driver === 'notifier'

/** There is room in the queue for what the fault worker will have to tell after this fault. */
export function roomToTell(s: Setup, m: Machine, page: number): boolean {
  const pte = pteAt(s.shape, m, page)
  return !tells(s) || !ptePresent(pte) || pteWrite(pte) || !queueFull(s, m)
}

/** The fault worker has raised the permission of a page. */
export function tellRaised(s: Setup, m: Machine, page: number, emit?: Emit): void {
  if (!tells(s)) return
  const range = rangeOf(s, page, page + 1)
  emit?.({ type: 'secondary-tlb-invalidate-called', range, site: 'outside', tables: false })
  submit(s, m, worker(s), [page, page + 1], s.policy.invalidateKind === 'leaf', emit)
  if (twoRounds(s)) set(m, s.shape.faultWorker.outcome, 0, 1)
}

/** What it has told has been done, and there is room for what it has held back. */
export const toldAll = (s: Setup, m: Machine): boolean =>
  !tells(s) || (completed(s, m, worker(s)) && !(owesRest(s, m) && queueFull(s, m)))

/** Its driver waits between IOTLB and ATCs, and it has told the first of them only. */
export const owesRest = (s: Setup, m: Machine): boolean => get(m, s.shape.faultWorker.outcome, 0) === 1

/** Tells the others. */
export function tellRest(s: Setup, m: Machine, page: number, emit?: Emit): void {
  set(m, s.shape.faultWorker.outcome, 0, 0)
  submitRest(s, m, worker(s), [page, page + 1], s.policy.invalidateKind === 'leaf', emit)
}

/** What that step is called. */
export const REST = {
  fn: 'submit the rest',
  file: 'drivers/iommu',
  label: 'queue what its driver has held back',
  why: 'The first flush is complete: the driver waits for it before it goes on to the other caches.',
} as const
