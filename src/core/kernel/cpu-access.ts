import { endWalk, fillStep, pgdFrame, startWalk, walkStep } from '../device/walk.ts'
import { fillTouches, mayFault, type WalkerTouches, type WalkOf, walkTouches } from '../device/walk-footprint.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { noteAccess } from '../machine/damage.ts'
import type { Translator } from '../machine/event.ts'
import { valueIn } from '../machine/observations.ts'
import { pageLabel, pageVpn, toPfn } from '../machine/setup.ts'
import { LEAF_READ } from '../machine/shape.ts'
import { tlbLookup, tlbPfnFor } from '../machine/tlb.ts'
import { LEVELS } from '../units.ts'
import { doWpPage, isWriteProtected } from './cow.ts'
import { lockOf, mmapBlocked, mmapReadLock, mmapReadNeeds, mmapReadUnlockTouches, mmapUnlock } from './mmap-lock.ts'
import { faultBlocked, faultFootprint, handleMmFault, refusal } from './page-fault.ts'
import { mayRaise, raisedFlush } from './raised-permission.ts'
import { expandStack, findTable, growthNeeds, tableWentAway } from './stack-growth.ts'
import type { Task } from './task.ts'

const MMU = 'hardware'

/** A loop of the program's own that reads the page until it holds 1. Reading 0 again and again is no step here. */
export const awaitPage = (t: Task, page: number): void => cpuAccess(t, page, false, true)

/**
 * A load or store of one page by the task itself: TLB, walk, fault, retry. The same walker as the IOMMU's, with this
 * CPU's own TLB and paging-structure cache. Kernel part: exc_page_fault() arch/x86/mm/fault.c. `awaits`: it goes on only when it reads 1.
 */
export function cpuAccess(t: Task, page: number, write: boolean, awaits = false): void {
  const { asm, s, k } = t
  const by: Translator = { kind: 'cpu', index: t.cpu }
  const label = pageLabel(s, page)
  const verb = write ? 'write' : 'read'
  const lookUp = asm.label()
  const walk = asm.label()
  const fault = asm.label()
  const done = asm.label()
  const [protectedPage, leaveFault] = [asm.label(), asm.label()]
  const grows = s.shape.sizes.features.stackGrowth
  const raises = write && mayRaise(s)
  const mayCopy = write && s.shape.sizes.features.copyOnWrite
  const stage = (m: Machine): number => get(m, k.stage, 0)
  const { resources: r } = s
  const hits = (m: Machine): boolean => tlbLookup(s, m, k, page, write) !== 0
  const readsOne = (m: Machine): boolean => {
    const entry = tlbLookup(s, m, k, page, write)
    return entry === 0 || valueIn(s.shape, m, tlbPfnFor(s, entry, page)) === 1
  }
  const walks: WalkOf = { s, w: k, walk: k, page, write }
  const faultLabel = (m: Machine): string =>
    isWriteProtected(s, m, page) ? `see that ${label} is write-protected` : `map ${label}`
  // Its TLB is shared with the interrupts that flush it, and they never come in the middle of a walk.
  const own = { merges: [r.tlb(t.cpu)] }
  const walker: WalkerTouches = { table: () => own, page: own, goes: { merges: [r.walking(t.cpu)] } }

  asm.within('user code', () => {
    asm.endPhases()
    asm.place(lookUp)
    asm.op({
      fn: write ? 'store' : 'load',
      file: MMU,
      label: m =>
        tlbLookup(s, m, k, page, write) !== 0 ? `${verb} ${label} through its TLB` : `look up ${label}, to ${verb} it`,
      why: 'A TLB entry is used as it is: nobody asks the page table again.',
      ...(awaits ? { needs: [{ on: [r.tlb(t.cpu)], holds: readsOne, as: 'reads' }] } : {}),
      blocked: () => `it reads ${label} until somebody has written it`,
      run: (m, emit) => {
        const entry = tlbLookup(s, m, k, page, write)
        if (entry === 0) {
          emit?.({ type: 'tlb-missed', by, vpn: pageVpn(s, page) })
          startWalk(s, m, by, k, k, page, pgdFrame(s, m, t.mm), emit)
          return walk.at
        }
        const pfn = tlbPfnFor(s, entry, page)
        emit?.({ type: 'tlb-hit', by, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
        emit?.({ type: 'cpu-accessed', cpu: t.cpu, vpn: pageVpn(s, page), pfn: toPfn(pfn), write })
        noteAccess(s, m, by, page, pfn, write, t.cpu + 1, emit)
        return done.at
      },
      touches: [
        { reads: [r.tlb(t.cpu)] },
        { merges: [r.frames], now: hits },
        { writes: [r.walking(t.cpu)], knows: [r.table(0)], now: m => !hits(m) },
      ],
      goes: [walk, done],
    })
    asm.place(walk)
    asm.op({
      fn: 'page walk',
      file: MMU,
      label: m =>
        stage(m) === LEAF_READ
          ? `cache ${label} in the TLB`
          : `read the ${LEVELS[stage(m) - 1] ?? ''} entry for ${label}`,
      why: 'A walk takes time: each level is a read of memory as it is at that moment.',
      run: (m, emit) => {
        if (stage(m) === LEAF_READ) {
          fillStep(s, m, by, k, k, page, emit)
          return lookUp.at
        }
        if (walkStep(s, m, by, k, k, page, write, emit) === 'going') return walk.at
        endWalk(m, k)
        emit?.({ type: 'fault-taken', vpn: pageVpn(s, page), write, by: 'cpu' })
        return fault.at
      },
      touches: [...walkTouches(walks, walker), ...fillTouches(walks, walker)],
      goes: [walk, lookUp, fault],
      circles: m => k.tlb.length === 0 && stage(m) === LEAF_READ,
    })
  })
  asm.within('exc_page_fault', () => {
    asm.place(fault)
    asm.op({
      fn: 'mmap_read_trylock',
      file: 'include/linux/mmap_lock.h',
      label: `enter the fault handler for ${label}`,
      why: 'A fault needs the VMA to hold still while it looks.',
      needs: grows ? growthNeeds(s, page, t.mm) : mmapReadNeeds(s, t.mm),
      blocked: m => mmapBlocked(s, m, t.mm),
      run: (m, emit, next) => {
        if (grows) expandStack(s, m, page, emit)
        const why = refusal(s, m, page, write)
        if (why !== '') {
          emit?.({ type: 'fault-refused', vpn: pageVpn(s, page), why })
          return done.at
        }
        mmapReadLock(s, m, t.mm)
        return next
      },
      touches: [{ reads: [r.vma(page)] }, { merges: [r.mmapReaders], now: m => refusal(s, m, page, write) === '' }],
      only: [mayFault(walks)],
      goes: ['next', done],
    })
    if (grows) findTable(t, page)
    asm.op({
      fn: 'handle_mm_fault',
      file: 'mm/memory.c',
      label: `map ${label}`,
      why: 'Not present to present: no flush, no notifier.',
      ...faultFootprint(s, page, write),
      blocked: m => faultBlocked(s, m, page),
      run: (m, emit, next) => {
        if (mayCopy && isWriteProtected(s, m, page)) {
          set(m, s.shape.ptl, lockOf(t, page), t.holder)
          return protectedPage.at
        }
        if (grows && tableWentAway(t, m, page, emit)) return leaveFault.at
        const raised = handleMmFault(s, m, page, write, emit)
        return raises && !raised ? leaveFault.at : next
      },
      ...(raises ? { goes: ['next', leaveFault] } : {}),
      ...(mayCopy ? { goes: ['next', leaveFault, protectedPage], label: m => faultLabel(m) } : {}),
    })
    if (raises) raisedFlush(t, page)
    asm.place(leaveFault)
    asm.op({
      fn: 'mmap_read_unlock',
      file: 'include/linux/mmap_lock.h',
      label: 'leave the fault handler',
      why: 'The instruction is tried again.',
      run: m => {
        mmapUnlock(s, m, t.holder, t.mm)
        set(m, k.stage, 0, 0)
        return lookUp.at
      },
      touches: [mmapReadUnlockTouches(s), { merges: [r.walking(t.cpu)] }],
      goes: [lookUp],
    })
    if (mayCopy) {
      asm.place(protectedPage)
      doWpPage(t, page, leaveFault)
    }
  })
  asm.place(done)
}
