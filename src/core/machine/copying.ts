import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { threadsIn } from './features.ts'
import type { Shape } from './shape.ts'

/*
 * A page that is about to be replaced by another: what a fault, ksmd or a breakpoint has in hand between taking a reference to the
 * old page and dropping it. struct vm_fault: page, and the new page of wp_page_copy().
 */

export const copyingColumns = (b: LayoutBuilder, { features, cpus, frames, pages }: FeatureSizes) => ({
  /** By CPU: pfn + 1 of the page that is being replaced, to which it holds a reference. 0 none. */
  oldPage: b.column('oldPage', features.copyOnWrite ? cpus.length : 0, frames),
  /** By CPU: pfn + 1 of the page to map in its place, while it is not mapped yet. 0 none. */
  newPage: b.column('newPage', features.copyOnWrite ? cpus.length : 0, frames),
  /** By CPU: what it still has of the mapping of the old page, once it has cleared the PTE: OLD_MAPPING. */
  oldMapping: b.column('oldMapping', features.copyOnWrite ? cpus.length : 0, 3),
  /** By thread of a consumer: page + 1 that its fault must have copied before it goes on. */
  copyWanted: b.column('copyWanted', features.copyOnWrite ? threadsIn(features) : 0, pages.length),
})

/** counted: its count and its reference. referenced: its reference only. newCounted: both, of the mapping of the new page. */
export const OLD_MAPPING = { none: 0, counted: 1, referenced: 2, newCounted: 3 } as const

/** The page that the CPU is replacing, or -1. It has a reference to it. */
export const oldPageOf = (s: Shape, m: Machine, cpu: number): number =>
  s.oldPage.length === 0 ? -1 : get(m, s.oldPage, cpu) - 1
/** The page that it is about to map instead, or -1. It has the reference that the mapping will have. */
export const newPageOf = (s: Shape, m: Machine, cpu: number): number =>
  s.newPage.length === 0 ? -1 : get(m, s.newPage, cpu) - 1

/** -1: none. */
export const setOldPage = (s: Shape, m: Machine, cpu: number, pfn: number): void => set(m, s.oldPage, cpu, pfn + 1)
export const setNewPage = (s: Shape, m: Machine, cpu: number, pfn: number): void => set(m, s.newPage, cpu, pfn + 1)

/** What the CPU still has of the mapping that it took away: OLD_MAPPING. */
export const oldMappingOf = (s: Shape, m: Machine, cpu: number): number =>
  s.oldMapping.length === 0 ? OLD_MAPPING.none : get(m, s.oldMapping, cpu)
export const setOldMapping = (s: Shape, m: Machine, cpu: number, what: number): void => set(m, s.oldMapping, cpu, what)

/** The page that the fault of this thread must have copied, or -1. Threads of consumers are numbered through. */
export const copyWanted = (s: Shape, m: Machine, thread: number): number =>
  s.copyWanted.length === 0 ? -1 : get(m, s.copyWanted, thread) - 1
export const setCopyWanted = (s: Shape, m: Machine, thread: number, page: number): void =>
  set(m, s.copyWanted, thread, page + 1)
