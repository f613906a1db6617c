import { add, get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import type { Emit } from '../machine/event.ts'
import { folioLocked, folioOf, isLazyfree, setLazyfree, swapUsers, unlockFolio } from '../machine/folios.ts'
import { allocateFrame, hasFreeFrames, putPage } from '../machine/frames.ts'
import { mkPte, pteAt, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { REVOKED } from '../machine/promises.ts'
import { vmaWritable } from '../machine/protection.ts'
import { NOBODY, pageLabel, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import { clearSoft, SOFT, setSoft, softAt, softKind, softPfn } from '../machine/soft-pte.ts'
import { LEVELS } from '../units.ts'
import { tryToUnmapFlush } from './flush-tlb-batched.ts'
import { isolate } from './isolate-folio.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'
import { checkCovered, enter, leave } from './operation.ts'
import { mmsOf, rmapWalk, unmapOne } from './rmap-unmap.ts'
import type { Task } from './task.ts'

const FILE = 'mm/migrate.c'

/**
 * An anonymous page gets another frame: a kernel thread that compacts memory, or a process by move_pages(2). While it is copied, each PTE
 * that mapped it is a migration entry, on which faults wait, those of devices too.
 *
 * Kernel: migrate_folio_unmap(), migrate_folio_move(), remove_migration_ptes() mm/migrate.c.
 * Simplified: one page at a time; a page of which others have a swap entry stays; the copy is one step; a fault waits with the mmap lock held, where the kernel drops it and comes back.
 */
export function migrate(task: Task, page: number): void {
  const t: Task = { ...task, range: [page, page + 1] }
  const { asm, s } = t
  const kernel = s.cpus[t.cpu]?.task === 'kernel'
  const mapped = rmapWalk(s, page)
  const [back, done] = [asm.label(), asm.label()]
  asm.within(kernel ? 'compact_zone' : 'move_pages', () => {
    if (kernel) asm.beginPhase({ id: 'enter', title: 'migrate', note: 'no mmap lock', kind: 'work', amber: false })
    else enter(t, 'move_pages', page, page + 1, 'read')
    asm.within('migrate_pages', () => {
      begin(t, page, done)
      asm.within('try_to_migrate', () => {
        for (const at of mapped)
          unmapOne(t, at, {
            fn: 'try_to_migrate_one',
            batched: s.policy.migrationDefersFlush,
            leaves: 'leave a migration entry',
            install: (m, to, pte, emit) => {
              setSoft(s.shape, m, to, SOFT.migration, ptePfn(pte))
              set(m, s.shape.migrationWrite, to, pteWrite(pte) ? 1 : 0)
              emit?.({ type: 'soft-pte-set', vpn: pageVpn(s, to), kind: 'migration entry', pfn: toPfn(ptePfn(pte)) })
            },
          })
      })
      if (s.policy.migrationDefersFlush) tryToUnmapFlush(t, mmsOf(s, mapped), 'all')
      copy(t, back)
      asm.place(back)
      for (const at of mapped) removeMigrationPte(t, at)
      finish(t, mapped)
    })
    asm.place(done)
    if (!kernel)
      leave(t, 'move_pages', page, page + 1, {
        gathers: false,
        tells: true,
        writes: false,
        lock: 'read',
        promises: () => REVOKED.nothing,
      })
  })
}

const target = (s: Setup, m: Machine, cpu: number): number => get(m, s.shape.folioTarget, cpu) - 1

/** alloc_migration_target(), folio_isolate_lru(), folio_trylock(). */
function begin(t: Task, page: number, done: { at: number }): void {
  const { asm, s } = t
  const there = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    if (!ptePresent(pte) || folioLocked(s, m, ptePfn(pte))) return false
    return get(m, s.shape.use, ptePfn(pte)) === USE.anon && swapUsers(s, m, ptePfn(pte)).length === 0
  }
  asm.op({
    fn: 'migrate_folio_unmap',
    file: FILE,
    label: m =>
      there(m) ? `lock the page of ${pageLabel(s, page)}, and take a frame for it` : 'find nothing to migrate',
    why: 'The new frame is nobody’s yet. The lock keeps others from migrating or reclaiming the page meanwhile.',
    needs: [{ on: [s.resources.frames], holds: m => !there(m) || hasFreeFrames(s, m, 1), as: 'reads' }],
    blocked: () => 'no frame is free',
    run: (m, emit, next) => {
      if (!there(m) || !isolate(s, m, t.cpu, page)) return done.at
      const to = allocateFrame(s, m, USE.anon, get(m, s.shape.purpose, folioOf(s, m, t.cpu)))
      set(m, s.shape.mapcount, to, 0)
      set(m, s.shape.folioTarget, t.cpu, to + 1)
      emit?.({ type: 'page-allocated', pfn: toPfn(to), owner: 'app', order: 0 })
      return next
    },
    goes: ['next', done],
  })
}

/** folio_migrate_mapping(), folio_copy(): only when nobody else can reach the old frame. Else its PTEs are put back. */
function copy(t: Task, back: { at: number }): void {
  const { asm, s } = t
  const alone = (m: Machine): boolean => {
    const pfn = folioOf(s, m, t.cpu)
    return pfn >= 0 && get(m, s.shape.mapcount, pfn) === 0 && get(m, s.shape.refcount, pfn) === 1
  }
  asm.beginPhase({ id: 'copy', title: 'copy', note: 'old frame to new', kind: 'work', amber: true })
  asm.op({
    fn: 'folio_copy',
    file: 'mm/util.c',
    label: m =>
      alone(m)
        ? `copy pfn ${folioOf(s, m, t.cpu)} to pfn ${target(s, m, t.cpu)}`
        : 'give up: somebody else has a reference to the page',
    why: 'A write to the old frame after this moment is lost. So no translator may have it any more.',
    run: (m, emit, next) => {
      const [from, to] = [folioOf(s, m, t.cpu), target(s, m, t.cpu)]
      if (!alone(m)) {
        set(m, s.shape.folioTarget, t.cpu, 0)
        putPage(s, m, to, emit)
        return back.at
      }
      takeContents(s.shape, m, from)
      setLazyfree(s.shape, m, to, isLazyfree(s.shape, m, from))
      set(m, s.shape.writer, to, get(m, s.shape.writer, from))
      emit?.({ type: 'page-copied', from: toPfn(from), pfn: toPfn(to) })
      return next
    },
    goes: ['next', back],
  })
}

/** remove_migration_pte(): not present to present, so there is nothing to flush and nobody to tell. */
function removeMigrationPte(t: Task, page: number): void {
  const { asm, s } = t
  const place = s.shape.path[page]?.[LEVELS.length - 1] ?? 0
  const waits = (m: Machine): boolean => {
    const soft = softAt(s.shape, m, page)
    return softKind(soft) === SOFT.migration && softPfn(soft) === folioOf(s, m, t.cpu)
  }
  const skip = asm.label()
  asm.beginPhase({ id: 'remap', title: 'map again', note: 'no flush, no notifier', kind: 'work', amber: false })
  asm.op({
    fn: 'page_vma_mapped_walk',
    file: 'mm/page_vma_mapped.c',
    label: m =>
      waits(m)
        ? `find the migration entry of ${pageLabel(s, page)}`
        : `find no migration entry at ${pageLabel(s, page)}`,
    why: 'Who faulted meanwhile waits for it.',
    needs: [{ on: [s.resources.ptl(place)], holds: m => !waits(m) || ptlFree(s, m, place), as: 'reads' }],
    blocked: m => ptlBlocked(s, m, place),
    run: (m, _emit, next) => {
      if (!waits(m)) return skip.at
      set(m, s.shape.ptl, place, t.holder)
      return next
    },
    goes: ['next', skip],
  })
  asm.op({
    fn: 'remove_migration_pte',
    file: FILE,
    label: `map ${pageLabel(s, page)} again, and drop the lock`,
    why: 'Not present to present: no flush, no notifier.',
    run: (m, emit, next) => {
      const to = target(s, m, t.cpu)
      const pfn = to >= 0 ? to : folioOf(s, m, t.cpu)
      const writable = get(m, s.shape.migrationWrite, page) === 1 && vmaWritable(s, m, page)
      clearSoft(s.shape, m, page)
      set(m, s.shape.migrationWrite, page, 0)
      add(m, s.shape.refcount, pfn, 1)
      add(m, s.shape.mapcount, pfn, 1)
      setPte(s.shape, m, page, mkPte(pfn, writable, get(m, s.shape.folioDirty, t.cpu) === 1))
      emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable })
      set(m, s.shape.ptl, place, NOBODY)
      return next
    },
  })
  asm.place(skip)
}

/** The old folio is unlocked and put, which frees it; the new one keeps the references of its mappings. */
function finish(t: Task, mapped: readonly number[]): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'put old', title: 'free', note: 'the old frame', kind: 'work', amber: false })
  asm.op({
    fn: 'migrate_folio_done',
    file: FILE,
    label: m => `put pfn ${folioOf(s, m, t.cpu)}`,
    why: 'With the last reference the old frame goes back to the allocator.',
    run: (m, emit, next) => {
      const [from, to] = [folioOf(s, m, t.cpu), target(s, m, t.cpu)]
      unlockFolio(s, m, t.cpu)
      set(m, s.shape.folioTarget, t.cpu, 0)
      putPage(s, m, from, emit)
      if (to >= 0) putPage(s, m, to, emit)
      done(t, m, mapped, emit)
      return next
    },
  })
}

function done(t: Task, m: Machine, mapped: readonly number[], emit?: Emit): void {
  for (const at of mapped) checkCovered(t, m, at, at + 1, emit)
}
