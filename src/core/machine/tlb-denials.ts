import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'
import type { WalkColumns, WalkerColumns } from './shape.ts'
import { entriesOf, tlbCovers } from './tlb.ts'

/*
 * An IOTLB entry that was filled from a read-only PTE. Some hardware answers a write with a permission fault from it and does not walk again
 * (an SMMU; x86 walks): policy.cachesPermissionMiss. Kept of single pages, not of huge ones; CPUs walk again.
 */

export const denialColumns = (b: LayoutBuilder, { features, pages, devices }: FeatureSizes) => ({
  /** By page: 1 when the IOTLB's entry for it says that it must not be written. */
  refuses: b.column('refuses', features.denials ? pages.length : 0, 1),
  /** By device: 1 when its walk has read a leaf that is read-only. */
  readOnlyLeaf: b.column('readOnlyLeaf', features.denials ? devices.length : 0, 1),
})

const deviceOf = (s: Setup, walk: WalkColumns): number =>
  s.shape.refuses.length === 0 ? -1 : (s.shape.devices as readonly WalkColumns[]).indexOf(walk)

/** A walk has read the leaf. */
export function leafRead(s: Setup, m: Machine, walk: WalkColumns, writable: boolean): void {
  const device = deviceOf(s, walk)
  if (device >= 0) set(m, s.shape.readOnlyLeaf, device, writable ? 0 : 1)
}

/** The IOTLB has got an entry for the page from that leaf. */
export function leafCached(s: Setup, m: Machine, walk: WalkColumns, page: number): void {
  const device = deviceOf(s, walk)
  if (device < 0) return
  set(m, s.shape.refuses, page, get(m, s.shape.readOnlyLeaf, device))
  set(m, s.shape.readOnlyLeaf, device, 0)
  forgetDropped(s, m, s.shape.iommu)
}

/** Entries have left a TLB. */
export function forgetDropped(s: Setup, m: Machine, w: WalkerColumns): void {
  if (s.shape.refuses.length === 0 || w.tlb !== s.shape.iommu.tlb) return
  const entries = entriesOf(m, w.tlb)
  for (let page = 0; page < s.vpns.length; page++)
    if (!entries.some(entry => tlbCovers(s, entry, page))) set(m, s.shape.refuses, page, 0)
}

/** The IOTLB has an entry for the page that says so. */
export const refusesWrites = (s: Setup, m: Machine, page: number): boolean =>
  s.shape.refuses.length > 0 && get(m, s.shape.refuses, page) === 1
