import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { span } from '../machine/resources.ts'
import { rangeOf } from '../machine/setup.ts'
import type { Part } from '../threads/footprint.ts'
import { freePgtables } from './free-pgtables.ts'
import { mmapWriteDowngrade, rangeText } from './mmap-lock.ts'
import { tlbGatherMmu } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { mmOf, type Task } from './task.ts'
import { tlbFinishMmu } from './tlb-finish.ts'
import { unmapVmas } from './unmap-vmas.ts'

/**
 * munmap(2) of pages [lo, hi), and brk(2) when it shrinks the heap, which is munmap by another name.
 *
 * Kernel: do_munmap(), unmap_region() mm/mmap.c; unmap_vmas() mm/memory.c; tlb_finish_mmu() mm/mmu_gather.c.
 * Simplified: VMAs are split and detached in one step, and unlinking them from the reverse maps is one step for all.
 */
export function munmap(task: Task, lo: number, hi: number, name: 'munmap' | 'brk' = 'munmap'): void {
  const t: Task = { ...task, range: [lo, hi] }
  const { asm, s } = t
  const nothing = asm.label()
  asm.within(name, () => {
    enter(t, name, lo, hi, 'write')
    asm.op({
      fn: 'detach_vmas_to_be_unmapped',
      file: 'mm/mmap.c',
      label: `take ${rangeText(s, lo, hi)} out of the VMA tree`,
      why: 'A fault on these addresses finds no VMA from here on. The page table still maps every page.',
      run: (m, emit, next) => {
        if (!covered(t, m, lo, hi)) return nothing.at
        detach(t, m, lo, hi, emit)
        tlbGatherMmu(t, m, emit)
        return next
      },
      touches: detachTouches(t, lo, hi),
      goes: ['next', nothing],
    })
    asm.within('unmap_region', () => {
      invalidateRangeStart(t, 'UNMAP', lo, hi)
      unmapVmas(t, lo, hi)
      invalidateRangeEnd(t, 'UNMAP', lo, hi)
      freePgtables(t, lo, hi)
      tlbFinishMmu(t)
    })
    leave(t, name, lo, hi, {
      gathers: true,
      writes: !mayDowngrade(t, hi),
      lock: lockAtEnd(t, hi),
      nothing,
    })
  })
}

/** How the mmap lock can be held when the call returns. */
function lockAtEnd(t: Task, hi: number): 'read' | 'write' | 'either' {
  const how = t.s.policy.mmapLockDowngrade
  if (how === 'never') return 'write'
  return how === 'unless-grows' && stackAbove(t, hi) ? 'either' : 'read'
}

const stackAbove = (t: Task, hi: number): boolean => t.s.regions.some(r => r.mm === t.mm && r.growsDown && r.end > hi)

/** Is there a VMA in the range at all? */
function covered(t: Task, m: Machine, lo: number, hi: number): boolean {
  for (let page = lo; page < hi; page++) if (get(m, t.s.shape.vma, page) !== 0) return true
  return false
}

function detach(t: Task, m: Machine, lo: number, hi: number, emit?: Emit): void {
  const { s } = t
  for (let page = lo; page < hi; page++) set(m, s.shape.vma, page, 0)
  emit?.({ type: 'vma-detached', range: rangeOf(s, lo, hi) })
  const how = s.policy.mmapLockDowngrade
  if (how === 'never' || (how === 'unless-grows' && nextGrowsDown(t, m, hi))) return
  mmapWriteDowngrade(s, m, t.mm)
  emit?.({ type: 'mmap-lock-downgraded' })
}

/** Whether this munmap ends with the read lock. A stack that the script maps later counts as there: it decides a name only. */
function mayDowngrade(t: Task, hi: number): boolean {
  const how = t.s.policy.mmapLockDowngrade
  return (
    how === 'always' ||
    (how === 'unless-grows' && t.s.regions.find(r => r.mm === t.mm && r.first >= hi)?.growsDown !== true)
  )
}

/** The next VMA above is a stack: with only the read lock held it could grow into the hole (CVE-2020-29369). */
function nextGrowsDown(t: Task, m: Machine, from: number): boolean {
  const { s } = t
  for (let page = from; page < mmOf(t).end; page++) {
    const region = get(m, s.shape.vma, page) - 1
    if (region >= 0) return s.regions[region]?.growsDown === true
  }
  return false
}

function detachTouches(t: Task, lo: number, hi: number): Part[] {
  const { resources: r, policy } = t.s
  const some = (m: Machine): boolean => covered(t, m, lo, hi)
  const downgrades = policy.mmapLockDowngrade === 'never' ? {} : { writes: [r.mmapWriter], merges: [r.mmapReaders] }
  const looks = policy.mmapLockDowngrade === 'unless-grows'
  const above = looks ? span(r.vma, hi, mmOf(t).end) : []
  return [
    { reads: span(r.vma, lo, hi) },
    { writes: span(r.vma, lo, hi), merges: [r.flushPending], reads: above, now: some },
    { ...downgrades, now: m => some(m) && !(looks && nextGrowsDown(t, m, hi)) },
  ]
}
