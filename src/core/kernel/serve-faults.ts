import { get, type Machine, set } from '../machine/cells.ts'
import { copyWanted, setCopyWanted } from '../machine/copying.ts'
import { pageLabel, type Setup } from '../machine/setup.ts'
import { STOPPED } from '../machine/shape.ts'
import type { Label } from '../threads/program.ts'
import { doWpPage, mustCopy } from './cow.ts'
import { copyDone, workerCopies } from './fault-worker.ts'
import { lockOf, ptlBlocked, ptlFree } from './mmap-lock.ts'
import type { Task } from './task.ts'

/**
 * A CPU on which faults of devices and guests do what takes more than one step: copy on write. Whoever faults holds the mmap lock for
 * reading and waits. It is done when devices and guests are.
 *
 * Kernel: handle_mm_fault() with FAULT_FLAG_WRITE, called by iommu_sva_handle_mm() in a work item, by get_user_pages_unlocked() in the
 * thread of a vCPU, by hmm_range_fault() in a driver; do_wp_page() mm/memory.c.
 * Simplified: one CPU does it for all, one page after the other, also for threads that would copy on a CPU of their own.
 */
export function serveFaults(t: Task): void {
  const { asm, s } = t
  const [look, done] = [asm.label(), asm.label()]
  const pages = new Map<number, { readonly copy: Label; readonly served: Label }>()
  for (const region of s.regions) {
    if (region.kind !== 'anon' || region.mm !== t.mm) continue
    for (let page = region.first; page < region.end; page++) pages.set(page, { copy: asm.label(), served: asm.label() })
  }
  const over = (m: Machine): boolean => asked(s, m) < 0 && nobodyLeft(s, m)
  asm.within('handle_mm_fault', () => {
    asm.place(look)
    asm.op({
      fn: 'handle_pte_fault',
      file: 'mm/memory.c',
      label: m =>
        asked(s, m) < 0
          ? 'see that nobody faults any more'
          : `find ${pageLabel(s, asked(s, m))} write-protected, take the page-table lock`,
      why: 'A device or a guest has faulted on a page that others have too. It waits while the page is copied.',
      needs: [
        {
          on: [s.resources.worker, s.resources.openPairs],
          holds: m => over(m) || (asked(s, m) >= 0 && ptlFree(s, m, lockOf(t, asked(s, m)))),
          as: 'reads',
        },
      ],
      blocked: m => (asked(s, m) < 0 ? 'no fault has to copy a page' : ptlBlocked(s, m, lockOf(t, asked(s, m)))),
      run: m => {
        const page = asked(s, m)
        const to = pages.get(page)
        if (to === undefined) return done.at
        if (!mustCopy(s, m, page)) return to.served.at
        set(m, s.shape.ptl, lockOf(t, page), t.holder)
        return to.copy.at
      },
      goes: [...[...pages.values()].flatMap(({ copy, served }) => [copy, served]), done],
    })
    for (const [page, { copy, served }] of pages) {
      asm.place(copy)
      doWpPage(t, page, served)
      asm.place(served)
      asm.op({
        fn: 'handle_pte_fault',
        file: 'mm/memory.c',
        label: `be done with the fault on ${pageLabel(s, page)}`,
        why: 'Whoever has faulted tries again, and finds the page as it is now.',
        run: m => {
          serve(s, m, page)
          return look.at
        },
        goes: [look],
      })
    }
  })
  asm.place(done)
}

/** The page that is copied next, or -1: a device's first, then those of threads in their order. */
function asked(s: Setup, m: Machine): number {
  const page = workerCopies(s, m)
  if (page >= 0) return page
  for (let thread = 0; thread < s.shape.copyWanted.length; thread++) {
    const wanted = copyWanted(s.shape, m, thread)
    if (wanted >= 0) return wanted
  }
  return -1
}

/** Everybody who waits for this page goes on. */
function serve(s: Setup, m: Machine, page: number): void {
  if (workerCopies(s, m) === page) copyDone(s, m)
  for (let thread = 0; thread < s.shape.copyWanted.length; thread++)
    if (copyWanted(s.shape, m, thread) === page) setCopyWanted(s.shape, m, thread, -1)
}

/** Devices, and threads of consumers, have done all that their scripts say. */
function nobodyLeft({ shape }: Setup, m: Machine): boolean {
  const { devices, features } = shape.sizes
  const busy = shape.devices.some(
    (d, i) => get(m, d.action, 0) < (devices[i]?.actions ?? 0) && get(m, d.stage, 0) !== STOPPED,
  )
  const runs = (
    lengths: readonly number[] | undefined,
    threads: readonly { readonly pc: Parameters<typeof get>[1] }[],
  ) => threads.some(({ pc }, i) => get(m, pc, 0) < (lengths?.[i] ?? 0))
  return !(
    busy ||
    shape.kvms.some(({ threads }, i) => runs(features.kvms[i]?.threads, threads)) ||
    shape.mirrors.some(({ threads }, i) => runs(features.mirrors[i]?.threads, threads))
  )
}
