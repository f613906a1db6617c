import { add, get, type Machine, set } from '../machine/cells.ts'
import { newPageOf, OLD_MAPPING, oldPageOf, setNewPage, setOldMapping, setOldPage } from '../machine/copying.ts'
import type { Emit } from '../machine/event.ts'
import { allocateFrame, putPage } from '../machine/frames.ts'
import { copyValue, observe } from '../machine/observations.ts'
import { pteAt, ptePfn, ptePresent } from '../machine/page-table.ts'
import { REVOKED } from '../machine/promises.ts'
import { pageLabel, toPfn, USE } from '../machine/setup.ts'
import type { Label } from '../threads/program.ts'
import { framesNeeded } from './frame-footprint.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { faultBlocked, faultReady, handleMmFault, refusal } from './page-fault.ts'
import { donePhase, replacePte } from './replace-pte.ts'
import type { Task } from './task.ts'

const FILE = 'kernel/events/uprobes.c'

/**
 * A breakpoint is set in a page of a file that the app maps privately and may not write: the page gets a copy with the breakpoint in it, as
 * copy on write would, for this address space alone.
 *
 * Kernel: register_for_each_vma(), uprobe_write_opcode(), __replace_page() kernel/events/uprobes.c. Its end() is the full one, so that from
 * 4.15 to 6.5, where copy on write tells secondary TLBs once, a breakpoint tells them twice. The reference of the old mapping is
 * dropped before end(). A page that was replaced meanwhile is looked up again.
 * Simplified: one page, and the probe stays. Newer forms of it (after 6.12) are not read.
 */
export function uprobe(task: Task, page: number): void {
  const t: Task = { ...task, range: [page, page + 1] }
  const { asm, s } = t
  const { shape } = s
  const label = pageLabel(s, page)
  const [again, out] = [asm.label(), asm.label()]
  asm.within('register_for_each_vma', () => {
    enter(t, 'uprobe_register', page, page + 1, 'write')
    asm.within('uprobe_write_opcode', () => {
      asm.place(again)
      getPage(t, page, out)
      copyPage(t, page)
      asm.within('__replace_page', () => {
        invalidateRangeStart(t, 'CLEAR', page, page + 1)
        replacePte(t, page, { writable: false, notifies: s.policy.clearFlushNotifies, file: FILE })
        asm.op({
          fn: 'put_page',
          file: FILE,
          label: m =>
            newPageOf(shape, m, t.cpu) < 0
              ? `drop the reference of the mapping that ${label} had`
              : 'have replaced nothing',
          why: 'The page cache still has the page that was mapped here.',
          run: (m, emit, next) => {
            if (newPageOf(shape, m, t.cpu) < 0) putPage(s, m, oldPageOf(shape, m, t.cpu), emit)
            setOldMapping(shape, m, t.cpu, OLD_MAPPING.none)
            return next
          },
        })
        invalidateRangeEnd(t, 'CLEAR', page, page + 1, { flushed: true })
      })
      asm.beginPhase(donePhase)
      asm.op({
        fn: 'put_page',
        file: FILE,
        label: m =>
          newPageOf(shape, m, t.cpu) < 0
            ? 'drop the reference to the page that was copied'
            : 'drop both, and try again',
        why: 'A reference has kept the old page while it was copied.',
        run: (m, emit, next) => {
          const [unused, old] = [newPageOf(shape, m, t.cpu), oldPageOf(shape, m, t.cpu)]
          setOldPage(shape, m, t.cpu, -1)
          setNewPage(shape, m, t.cpu, -1)
          if (unused >= 0) putPage(s, m, unused, emit)
          putPage(s, m, old, emit)
          return unused >= 0 ? again.at : next
        },
        goes: ['next', again],
      })
    })
    asm.place(out)
    // Whoever sets a breakpoint counts on no access being over.
    leave(t, 'uprobe_register', page, page + 1, {
      gathers: false,
      tells: true,
      writes: true,
      lock: 'write',
      promises: () => REVOKED.nothing,
    })
  })
}

/** get_user_pages_remote(), with FOLL_FORCE: the page is brought in when it is not there. verify_opcode() finds a breakpoint that is there already. */
function getPage(t: Task, page: number, out: Label): void {
  const { asm, s } = t
  const label = pageLabel(s, page)
  const gone = (m: Machine): boolean => refusal(s, m, page, false) !== ''
  const broken = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    return ptePresent(pte) && get(m, s.shape.use, ptePfn(pte)) === USE.anon
  }
  asm.op({
    fn: 'get_user_pages_remote',
    file: 'mm/gup.c',
    label: m => (gone(m) || broken(m) ? 'find nothing to do' : `take a reference to the page of ${label}`),
    why: 'A page that is not there yet is brought in. Where a breakpoint is already, the page is the process’s own.',
    needs: [{ on: [s.resources.frames], holds: m => gone(m) || broken(m) || faultReady(s, m, page), as: 'reads' }],
    blocked: m => faultBlocked(s, m, page),
    run: (m, emit, next) => {
      if (gone(m) || broken(m)) return out.at
      handleMmFault(s, m, page, false, emit)
      const pfn = ptePfn(pteAt(s.shape, m, page))
      add(m, s.shape.refcount, pfn, 1)
      setOldPage(s.shape, m, t.cpu, pfn)
      return next
    },
    goes: ['next', out],
  })
}

/** copy_highpage(), copy_to_page(): with the breakpoint in it the new page is one that this CPU has written. */
function copyPage(t: Task, page: number): void {
  const { asm, s } = t
  const { shape } = s
  const copy = (m: Machine, emit?: Emit): void => {
    const from = oldPageOf(shape, m, t.cpu)
    const to = allocateFrame(s, m, USE.anon, page + 1)
    set(m, shape.mapcount, to, 0)
    emit?.({ type: 'page-allocated', pfn: toPfn(to), owner: 'app', order: 0 })
    copyValue(shape, m, from, to)
    observe(shape, m, t.cpu, page, to, true)
    setNewPage(shape, m, t.cpu, to)
    emit?.({ type: 'page-copied', from: toPfn(from), pfn: toPfn(to) })
  }
  asm.op({
    fn: 'copy_to_page',
    file: FILE,
    label: `copy ${pageLabel(s, page)} to a new page, with the breakpoint in it`,
    why: 'Nobody may write the old page through this mapping. It stays in the page cache as it is.',
    needs: framesNeeded(s, () => 1),
    blocked: () => 'no frame is free',
    run: (m, emit, next) => {
      copy(m, emit)
      return next
    },
  })
}
