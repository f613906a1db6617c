import { get, type Machine, set } from './cells.ts'
import type { Setup } from './setup.ts'

/*
 * I5: of which pages each CPU still has to tell the secondary TLB, because it cleared their PTEs, or found them cleared by a
 * CPU that has not told yet. A page that is faulted in again and cleared by somebody else is that one's business alone.
 */

const cell = (s: Setup, cpu: number, page: number): number => cpu * s.vpns.length + page

export const isUncovered = (s: Setup, m: Machine, cpu: number, page: number): boolean =>
  get(m, s.shape.uncoveredPage, cell(s, cpu, page)) === 1

export const setUncovered = (s: Setup, m: Machine, cpu: number, page: number, uncovered: boolean): void =>
  set(m, s.shape.uncoveredPage, cell(s, cpu, page), uncovered ? 1 : 0)

/** The CPU's unmap passes over a page that has no PTE: its promise covers that page all the same. */
export function takeOver(s: Setup, m: Machine, cpu: number, page: number): void {
  if (s.cpus.some((_, other) => isUncovered(s, m, other, page))) setUncovered(s, m, cpu, page, true)
}

/** The secondary TLB has been told, no matter by whom. */
export function coverPages(s: Setup, m: Machine, start: number, end: number): void {
  for (let cpu = 0; cpu < s.cpus.length; cpu++) {
    for (let page = start; page < end; page++) setUncovered(s, m, cpu, page, false)
  }
}
