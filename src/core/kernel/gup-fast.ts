import { add, get, type Machine, set } from '../machine/cells.ts'
import { noteAccess, noteSoftwareWalk } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { putPage } from '../machine/frames.ts'
import {
  endGup,
  gupHeldAt,
  gupPmdRead,
  gupPteRead,
  gupTableAt,
  setGupHeld,
  setGupRead,
  setGupTable,
} from '../machine/gup-fast.ts'
import { ptePlaceOf } from '../machine/huge-page.ts'
import { localIrqRestore, localIrqSave } from '../machine/interrupts.ts'
import { mkPte, pteInTable, ptePfn, readEntry, tableFrame } from '../machine/page-table.ts'
import { forgetWriteProtectSeq, readWriteProtectSeq, setGupPin, writeProtectSeqMoved } from '../machine/pins.ts'
import { pageLabel, pageVpn, toPfn, USE } from '../machine/setup.ts'
import type { Label } from '../threads/program.ts'
import { LEVELS, type Level } from '../units.ts'
import type { Task } from './task.ts'

const FILE = 'mm/gup.c'
const FUNCTIONS = ['gup_pgd_range', 'gup_pud_range', 'gup_pmd_range', 'gup_pte_range'] as const
const LEAF = LEVELS.length - 1

/**
 * get_user_pages_fast() of one page, and the put_page() of whoever asked for it. With interrupts disabled it reads the tables level by level
 * without a lock, takes a reference to the page it finds, and looks again whether the entries are still what it read.
 *
 * Kernel: gup_fast(), internal_get_user_pages_fast() mm/gup.c. That the PMD entry is looked at again is from 6.1 on (70cbc3cc78a9); here it is in
 * every kernel.
 * `pins`: pin_user_pages_fast(). The page is for a device, which accesses it once by its frame; and fork() must not come in between
 * (policy.writeProtectSeq).
 * Simplified: where it finds nothing it returns with nothing; the kernel would go the slow way, with the mmap lock. What the caller does with
 * a page that it has not pinned is not modelled.
 */
export function gupFast(t: Task, page: number, write: boolean, pins = false): void {
  const { asm, s, cpu } = t
  const [out, done] = [asm.label(), asm.label()]
  const forks = pins && s.policy.writeProtectSeq && s.shape.sizes.features.forkRegions > 0
  asm.within('get_user_pages_fast', () => {
    asm.beginPhase({ id: 'gup', title: 'GUP-fast', note: 'interrupts off, no lock', kind: 'work', amber: false })
    if (forks) readSeq(t, done)
    asm.op({
      fn: 'local_irq_save',
      file: FILE,
      label: `disable interrupts, to look for ${pageLabel(s, page)}`,
      why: 'Who frees a page table must reach this CPU with an IPI, or wait for a grace period: both wait for this.',
      run: (m, emit, next) => {
        localIrqSave(s.shape, m, cpu)
        setGupTable(s.shape, m, cpu, tableFrame(s.shape, m, s.mms[t.mm]?.root ?? 0))
        emit?.({ type: 'irqs-disabled', cpu })
        return next
      },
    })
    const grab = asm.label()
    for (let depth = 0; depth <= LEAF; depth++) readLevel(t, page, write, depth, { grab, out })
    asm.place(grab)
    tryGrab(t, page, out, pins)
    lookAgain(t, page)
    asm.place(out)
    asm.op({
      fn: 'local_irq_restore',
      file: FILE,
      label: m => `enable interrupts${gupHeldAt(s.shape, m, cpu) < 0 ? ', empty-handed' : ''}`,
      why: 'IPIs that waited are taken now.',
      run: (m, emit, next) => {
        localIrqRestore(s.shape, m, cpu)
        endGup(s.shape, m, cpu)
        emit?.({ type: 'irqs-enabled', cpu })
        return next
      },
    })
    if (forks) seeFork(t, page)
    if (pins) dmaToPinned(t, page, write)
    asm.op({
      fn: pins ? 'unpin_user_page' : 'put_page',
      file: pins ? FILE : 'include/linux/mm.h',
      label: m => (gupHeldAt(s.shape, m, cpu) < 0 ? 'have nothing to put' : 'put the page'),
      why: 'As long as somebody has a reference the frame is not freed, mapped or not.',
      run: (m, emit, next) => {
        letGo(t, m, page, 'done with it', emit)
        return next
      },
    })
    asm.place(done)
  })
}

/** raw_seqcount_try_begin(): a fork that is at work write-protects pages, so it is left to the slow way. */
function readSeq({ asm, s, cpu }: Task, done: Label): void {
  asm.op({
    fn: 'raw_seqcount_try_begin',
    file: FILE,
    label: 'read write_protect_seq',
    why: 'An odd number says that fork() is write-protecting pages of this mm. Then GUP-fast gives up.',
    run: (m, _emit, next) => (readWriteProtectSeq(s.shape, m, cpu) ? done.at : next),
    goes: ['next', done],
  })
}

/** read_seqcount_retry(): what was pinned while a fork was at work is let go. */
function seeFork(t: Task, page: number): void {
  const { asm, s, cpu } = t
  asm.op({
    fn: 'read_seqcount_retry',
    file: FILE,
    label: m =>
      `see ${writeProtectSeqMoved(s.shape, m, cpu) ? 'that a fork has come in between' : 'that no fork has come in between'}`,
    why: 'The page may be write-protected, and shared with the child, though it was not when it was found.',
    run: (m, emit, next) => {
      if (writeProtectSeqMoved(s.shape, m, cpu)) letGo(t, m, page, 'a fork has come in between', emit)
      forgetWriteProtectSeq(s.shape, m, cpu)
      return next
    },
  })
}

/** The device that the page was pinned for. It has the address of the frame and asks no page table. */
function dmaToPinned({ asm, s, cpu }: Task, page: number, write: boolean): void {
  const pinned = (m: Machine): number => gupHeldAt(s.shape, m, cpu)
  asm.op({
    fn: 'DMA',
    file: 'hardware',
    label: m => (pinned(m) < 0 ? 'have nothing pinned' : `let a device ${write ? 'write' : 'read'} pfn ${pinned(m)}`),
    why: 'It uses the frame that was pinned, whatever the page tables say by now.',
    run: (m, emit, next) => {
      const pfn = pinned(m)
      if (pfn < 0) return next
      if (write) emit?.({ type: 'pinned-page-written', vpn: pageVpn(s, page), pfn: toPfn(pfn) })
      noteAccess(s, m, { kind: 'cpu', index: cpu }, page, pfn, write, cpu + 1, emit)
      return next
    },
  })
}

/** One entry of one table. Below a table that was freed it reads whatever lies there. */
function readLevel(
  t: Task,
  page: number,
  write: boolean,
  depth: number,
  { grab, out }: { readonly grab: Label; readonly out: Label },
): void {
  const { asm, s, cpu } = t
  const { shape } = s
  const level = LEVELS[depth] as Level
  asm.op({
    fn: FUNCTIONS[depth] as string,
    file: FILE,
    label: `read the ${level} entry for ${pageLabel(s, page)}`,
    why:
      depth === LEAF
        ? 'No lock is held: the table may be out of the tree by now. It must not be anybody else’s.'
        : 'Each level is a read of memory as it is at that moment.',
    run: (m, emit, next) => {
      const table = gupTableAt(shape, m, cpu)
      const entry = readEntry(shape, m, table, page, depth, s.forgedTarget)
      const { frame, writable, huge, lawful } = entry
      emit?.({ type: 'software-walk-read', cpu, level, table: toPfn(table) })
      if (!lawful) noteSoftwareWalk(s, m, cpu, table, emit)
      const leaf = depth === LEAF || huge
      if (frame < 0 || (leaf && write && !writable)) return out.at
      if (!leaf) {
        setGupTable(shape, m, cpu, frame)
        return next
      }
      setGupRead(shape, m, cpu, huge ? -1 : table, leafRead(t, m, page, frame, writable, huge, lawful))
      return grab.at
    },
    goes: depth === LEAF ? [grab, out] : ['next', grab, out],
  })
}

/** What was read, as a PTE. */
function leafRead(
  { s }: Task,
  m: Machine,
  page: number,
  frame: number,
  writable: boolean,
  huge: boolean,
  lawful: boolean,
): number {
  if (huge) return mkPte(frame + page - ptePlaceOf(s.shape, page).firstPage, writable, false)
  return lawful ? pteInTable(s.shape, m, page) : mkPte(frame, writable, false)
}

/** try_grab_folio(): fails when the last reference is gone. */
function tryGrab(t: Task, page: number, out: Label, pins: boolean): void {
  const { asm, s, cpu } = t
  const { refcount, use } = s.shape
  const found = (m: Machine): number => ptePfn(gupPteRead(s.shape, m, cpu))
  asm.op({
    fn: 'try_grab_folio',
    file: FILE,
    label: m => `${pins ? 'pin' : 'take a reference to'} pfn ${found(m)}`,
    why: 'From here on the frame is not freed. But is it still the page that was meant?',
    run: (m, emit, next) => {
      const pfn = found(m)
      if (get(m, refcount, pfn) === 0 || get(m, use, pfn) === USE.free) return out.at
      add(m, refcount, pfn, 1)
      setGupHeld(s.shape, m, cpu, pfn)
      setGupPin(s.shape, m, cpu, pins)
      emit?.({ type: 'page-grabbed', vpn: pageVpn(s, page), pfn: toPfn(pfn) })
      return next
    },
    goes: ['next', out],
  })
}

/** pmd_val(pmd) != pmd_val(*pmdp), pte_val(pte) != pte_val(*ptep): then the reference goes again. */
function lookAgain(t: Task, page: number): void {
  const { asm } = t
  asm.op({
    fn: 'gup_pte_range',
    file: FILE,
    label: 'see whether PMD and PTE are still what it read',
    why: 'Whoever unmaps clears the entry first and looks at the references then; here it is the other way round. One of the two sees the other.',
    run: (m, emit, next) => {
      if (!unchanged(t, m, page, emit)) letGo(t, m, page, 'the entries have changed', emit)
      return next
    },
  })
}

function unchanged({ s, cpu }: Task, m: Machine, page: number, emit?: Emit): boolean {
  const { shape } = s
  const { id } = ptePlaceOf(shape, page)
  const path = shape.path[page] as readonly number[]
  const pmdTable = tableFrame(shape, m, path[LEAF - 1] as number)
  const table = gupPmdRead(shape, m, cpu)
  if (table >= 0 && tableFrame(shape, m, id) !== table) return false
  const entry =
    table < 0
      ? readEntry(shape, m, pmdTable, page, LEAF - 1, s.forgedTarget)
      : readEntry(shape, m, table, page, LEAF, s.forgedTarget)
  const { frame, writable, huge, lawful } = entry
  if (!lawful) noteSoftwareWalk(s, m, cpu, table, emit)
  if (frame < 0 || huge !== table < 0) return false
  return leafRead({ s } as Task, m, page, frame, writable, huge, lawful) === gupPteRead(shape, m, cpu)
}

function letGo({ s, cpu }: Task, m: Machine, page: number, why: string, emit?: Emit): void {
  const pfn = gupHeldAt(s.shape, m, cpu)
  if (pfn < 0) return
  set(m, s.shape.gupHeld, cpu, 0)
  setGupPin(s.shape, m, cpu, false)
  emit?.({ type: 'page-let-go', vpn: pageVpn(s, page), pfn: toPfn(pfn), why })
  putPage(s, m, pfn, emit)
}
