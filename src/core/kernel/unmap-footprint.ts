import type { Machine } from '../machine/cells.ts'
import { pteAt, ptePresent } from '../machine/page-table.ts'
import { isUncovered } from '../machine/uncovered.ts'
import type { Condition, Part } from '../threads/footprint.ts'
import { cursorAt, type Task } from './task.ts'

/* What unmapping touches of each page of [from, to) (threads/footprint.ts). */

const presentIn = (t: Task, m: Machine, page: number): boolean => ptePresent(pteAt(t.s.shape, m, page))

/** Looks from the cursor on for present pages, and stops at the first, or at the one after `more` others. */
export const looksForPages = (t: Task, from: number, to: number, more = 0): Part[] =>
  pagesOf(from, to).map(page => ({
    reads: [t.s.resources.pte(page)],
    now: m => {
      let before = 0
      for (let p = Math.max(from, cursorAt(t, m)); p < page; p++) if (presentIn(t, m, p)) before++
      return page >= cursorAt(t, m) && before <= more
    },
  }))

/** Clears one PTE, that of the page `next`. */
export const clearsPage = (t: Task, from: number, to: number, next: (m: Machine) => number): Part[] => {
  const { resources: r } = t.s
  return pagesOf(from, to).map(page => ({
    only: { on: [r.pte(page)], holds: m => presentIn(t, m, page) },
    now: m => next(m) === page,
    writes: [r.pte(page), r.uncoveredPage(page)],
    reads: [r.root],
    merges: [r.gatherRange(t.cpu), r.frames],
  }))
}

/** Passes over pages that are not there. Only those are taken over of which somebody has still to tell. */
export function takesOver(t: Task, from: number, to: number): Part[] {
  const { s } = t
  return pagesOf(from, to).flatMap((page): Part[] => {
    const only: Condition = { on: [s.resources.pte(page)], holds: m => !presentIn(t, m, page) }
    const taken = [s.resources.uncoveredPage(page)]
    const passed = (m: Machine): boolean => page >= cursorAt(t, m) && only.holds(m)
    const uncovered = (m: Machine): boolean => s.cpus.some((_, cpu) => isUncovered(s, m, cpu, page))
    return [
      { reads: only.on, now: m => page >= cursorAt(t, m) },
      { only, now: m => passed(m) && !uncovered(m), misses: taken },
      { only, now: m => passed(m) && uncovered(m), reads: taken, writes: taken },
    ]
  })
}

const pagesOf = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
