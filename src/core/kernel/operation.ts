import { get, type Machine, set } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { beingUnmapped } from '../machine/folios.ts'
import { pteAt, ptePresent } from '../machine/page-table.ts'
import { promise, REVOKED, type Revoked } from '../machine/promises.ts'
import { type Resource, span } from '../machine/resources.ts'
import { pageVpn, rangeOf, type Setup } from '../machine/setup.ts'
import { isUncovered, setUncovered } from '../machine/uncovered.ts'
import type { Part } from '../threads/footprint.ts'
import type { Label } from '../threads/program.ts'
import {
  mmapBlocked,
  mmapReadLock,
  mmapReadNeeds,
  mmapUnlock,
  mmapUnlockTouches,
  mmapWriteLock,
  mmapWriteNeeds,
} from './mmap-lock.ts'
import { setCursor, type Task } from './task.ts'
import { decTlbFlushPending } from './tlb-finish.ts'

/** Whoever takes the lock for writing in these cannot be killed while he waits. */
const UNKILLABLE: ReadonlySet<string> = new Set(['exit', 'collapse', 'mmu_notifier_register', 'uprobe_register'])

/** A system call enters and takes the mmap lock. */
export function enter(t: Task, name: string, lo: number, hi: number, mode: 'read' | 'write'): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'enter', title: name, note: `mmap lock, ${mode}`, kind: 'work', amber: false })
  asm.op({
    fn: mode === 'read' ? 'mmap_read_lock' : UNKILLABLE.has(name) ? 'mmap_write_lock' : 'mmap_write_lock_killable',
    file: 'include/linux/mmap_lock.h',
    label: `take the mmap lock for ${mode === 'write' ? 'writing' : 'reading'}`,
    why:
      mode === 'write'
        ? 'Nobody can fault or map in this address space meanwhile. A device that walks the page table does not ask for locks.'
        : 'Faults, and other calls that only read the VMAs, may go on beside this one.',
    needs: mode === 'write' ? mmapWriteNeeds(s, t.mm) : mmapReadNeeds(s, t.mm),
    touches: [mode === 'write' ? { writes: [s.resources.mmapWriter] } : { merges: [s.resources.mmapReaders] }],
    blocked: m => mmapBlocked(s, m, t.mm),
    run: (m, emit, next) => {
      if (mode === 'write') mmapWriteLock(s, m, t.holder, t.mm)
      else mmapReadLock(s, m, t.mm)
      emit?.({ type: 'syscall-entered', name, range: rangeOf(s, lo, hi) })
      emit?.({ type: 'mmap-lock-taken', mode })
      return next
    },
  })
}

/**
 * It returns: the gather is over, the lock is dropped, and by now every page it cleared must have been told of (I5). `writes` when
 * the lock is said to be held for writing; `lock`, how it can be held. At `nothing` an operation that found nothing to do comes in, its gather never begun.
 */
export function leave(
  t: Task,
  name: string,
  lo: number,
  hi: number,
  how: {
    readonly gathers: boolean
    /** It has no gather, and must have told of what it cleared all the same. */
    readonly tells?: true
    readonly writes: boolean
    readonly lock: 'read' | 'write' | 'either'
    readonly nothing?: Label
    /** What the caller may count on from here on, page by page; absent: what is not present is out of reach. */
    readonly promises?: (m: Machine, page: number) => Revoked
    /** What else is so from the moment on at which it returns. */
    readonly done?: (m: Machine) => void
  },
): void {
  const { asm, s } = t
  const { gathers, writes, lock, nothing, promises = absent(s) } = how
  const release = (m: Machine, emit?: Emit): void => {
    setCursor(t, m, 0)
    mmapUnlock(s, m, t.holder, t.mm)
    emit?.({ type: 'mmap-lock-released' })
    emit?.({ type: 'syscall-returned', name })
  }
  const done = asm.label()
  asm.beginPhase({ id: 'return', title: 'return', note: 'mmap lock dropped', kind: 'work', amber: false })
  asm.op({
    fn: writes ? 'mmap_write_unlock' : 'mmap_read_unlock',
    file: 'include/linux/mmap_lock.h',
    label: `return from ${name}`,
    why: 'The caller may now believe that what it asked for is done.',
    run: (m, emit) => {
      if (gathers) decTlbFlushPending(t, m)
      if (gathers || how.tells) {
        checkCovered(t, m, lo, hi, emit)
        makePromises(s, m, lo, hi, promises)
        how.done?.(m)
      }
      release(m, emit)
      return done.at
    },
    touches: [...mmapUnlockTouches(s, t.holder, lock, t.mm), ...(gathers ? endTouches(t, lo, hi) : [])],
    goes: [done],
  })
  if (nothing !== undefined) {
    asm.place(nothing)
    asm.op({
      fn: 'mmap_write_unlock',
      file: 'include/linux/mmap_lock.h',
      label: `return from ${name}: nothing was mapped there`,
      why: 'No VMA in the range: nothing to unmap, nobody to tell.',
      run: (m, emit) => {
        release(m, emit)
        return done.at
      },
      touches: mmapUnlockTouches(s, t.holder, 'write', t.mm),
      goes: [done],
    })
  }
  asm.place(done)
}

/** I6: what is gone when the call returns stays out of reach. A page that came back and is being reclaimed or migrated is not gone. */
const absent =
  (s: Setup) =>
  (m: Machine, page: number): Revoked =>
    ptePresent(pteAt(s.shape, m, page)) || beingUnmapped(s, m, page) ? REVOKED.nothing : REVOKED.all

function makePromises(s: Setup, m: Machine, lo: number, hi: number, of: (m: Machine, page: number) => Revoked): void {
  if (!s.shape.sizes.features.promises) return
  for (let page = lo; page < hi; page++) {
    const what = of(m, page)
    if (what !== REVOKED.nothing) promise(s.shape, m, page, what)
  }
}

/** I5, at the point where the operation reports completion. */
export function checkCovered(t: Task, m: Machine, lo: number, hi: number, emit?: Emit): void {
  const { s } = t
  const { uncoveredTable, places } = s.shape
  for (let page = lo; page < hi; page++) {
    if (!isUncovered(s, m, t.cpu, page)) continue
    setUncovered(s, m, t.cpu, page, false)
    noteDamage(s, m, DAMAGE.rangeNotCovered)
    emit?.({ type: 'range-not-covered', vpn: pageVpn(s, page), what: 'page' })
  }
  for (const place of places) {
    if (place.firstPage >= hi || place.endPage <= lo || get(m, uncoveredTable, place.id) === 0) continue
    set(m, uncoveredTable, place.id, 0)
    noteDamage(s, m, DAMAGE.rangeNotCovered)
    emit?.({ type: 'range-not-covered', vpn: place.base, what: 'table' })
  }
}

/** decTlbFlushPending() and checkCovered(). */
function endTouches({ s, cpu }: Task, lo: number, hi: number): Part[] {
  const { resources: r, shape } = s
  const checks = (uncovered: Resource, holds: (m: Machine) => boolean): Part[] => [
    { misses: [uncovered], now: m => !holds(m) },
    { only: { on: [uncovered], holds }, reads: [uncovered], writes: [uncovered], now: holds },
  ]
  return [
    { merges: [r.flushPending] },
    ...span(r.uncoveredPage, lo, hi).flatMap((page, i) => checks(page, m => isUncovered(s, m, cpu, lo + i))),
    ...shape.places
      .filter(p => p.firstPage < hi && p.endPage > lo)
      .flatMap(({ id }) => checks(r.uncoveredTable(id), m => get(m, shape.uncoveredTable, id) !== 0)),
  ]
}
