import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'

/*
 * PASIDs: the tag under which an address space is known to devices. One is bound to an mm, given back, and may be bound to another mm
 * then. Entries and requests are matched by tag and address; to whom the address space belonged when they were made they do not say.
 */

/**
 * What becomes of a PASID, by mm. absent: not bound yet. leaving: the device has been told to stop using it. given up: unbound, its
 * number is free.
 */
export const BINDING = { absent: 0, bound: 1, leaving: 2, givenUp: 3 } as const

export const pasidColumns = (b: LayoutBuilder, { features, mmEnds, cpus }: FeatureSizes) => {
  const mms = features.pasids ? mmEnds.length : 0
  return {
    /** By mm. */
    binding: b.column('binding', mms, 3),
    /** By mm after the app, whose are columns of the IOMMU: PASID entry, pairs counted by the empty-table driver. */
    otherRoots: b.column('otherRoots', Math.max(0, mms - 1), 2),
    otherNesting: b.column('otherNesting', Math.max(0, mms - 1), cpus.length + 1),
  }
}

export const hasPasids = (s: Setup): boolean => s.shape.binding.length > 0

/** Address space that the page lies in. */
export const mmOfPage = (s: Setup, page: number): number => s.regions[s.regionOf[page] ?? 0]?.mm ?? 0

/** PASID entry of the mm: 0 none, 1 the empty table, 2 mm->pgd. Only the app has one where there is one PASID. */
export function pasidRoot(s: Setup, m: Machine, mm: number): number {
  if (mm === 0) return get(m, s.shape.iommu.root, 0)
  return hasPasids(s) ? get(m, s.shape.otherRoots, mm - 1) : 0
}

export function setPasidRoot(s: Setup, m: Machine, mm: number, root: number): void {
  if (mm === 0) set(m, s.shape.iommu.root, 0, root)
  else set(m, s.shape.otherRoots, mm - 1, root)
}

/** Pairs that the empty-table driver has counted for this mm. */
export const nestingOf = (s: Setup, m: Machine, mm: number): number =>
  mm === 0 ? get(m, s.shape.iommu.nesting, 0) : hasPasids(s) ? get(m, s.shape.otherNesting, mm - 1) : 0

/** How many pairs the empty-table driver has counted for this mm. */
export function setNesting(s: Setup, m: Machine, mm: number, nesting: number): void {
  if (mm === 0) set(m, s.shape.iommu.nesting, 0, nesting)
  else set(m, s.shape.otherNesting, mm - 1, nesting)
}

/** Where there is one PASID, it is the app's for good. */
export function bindingOf(s: Setup, m: Machine, mm: number): number {
  if (hasPasids(s)) return get(m, s.shape.binding, mm)
  return mm === 0 ? BINDING.bound : BINDING.absent
}

export const setBinding = (s: Setup, m: Machine, mm: number, binding: number): void =>
  set(m, s.shape.binding, mm, binding)

/** A domain is attached: the driver hears notifiers of the mm, and page requests find it. */
export const isAttached = (s: Setup, m: Machine, mm: number): boolean => {
  const binding = bindingOf(s, m, mm)
  return binding === BINDING.bound || binding === BINDING.leaving
}

/** An mm to which the number of this one's PASID is bound now; -1 when it is free. */
export const boundTo = (s: Setup, m: Machine, mm: number): number =>
  s.mms.findIndex((_, other) => s.pasids[other] === s.pasids[mm] && isAttached(s, m, other))

/** The page at which a request under this tag is handled now: itself, that of another mm to which the PASID went, or -1. */
export function pageUnderTag(s: Setup, m: Machine, page: number): number {
  const mm = boundTo(s, m, mmOfPage(s, page))
  if (!hasPasids(s) || mm === mmOfPage(s, page)) return page
  return mm < 0 ? -1 : s.tagOf.findIndex((tag, other) => tag === s.tagOf[page] && mmOfPage(s, other) === mm)
}
