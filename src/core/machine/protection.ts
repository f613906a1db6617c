import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'

/*
 * vm_page_prot where mprotect() may change it page by page. Simplified: VMAs are not split, the protection of a page is kept beside its
 * VMA.
 */

/** What a page allows. as-vma: what its region was written with. */
export const PROT = { asVma: 0, read: 1, none: 2, readWrite: 3 } as const
export type Prot = (typeof PROT)[keyof typeof PROT]

export const protectionColumns = (b: LayoutBuilder, { features, pages }: FeatureSizes) => ({
  /** By page: PROT. */
  prot: b.column('prot', features.protection ? pages.length : 0, 3),
})

const protAt = (s: Setup, m: Machine, page: number): Prot =>
  s.shape.prot.length === 0 ? PROT.asVma : (get(m, s.shape.prot, page) as Prot)

export const setProt = (s: Setup, m: Machine, page: number, prot: Prot): void => set(m, s.shape.prot, page, prot)

/** The VMA at another address is as that of the page `from`: copy_vma(). */
export function copyProt(s: Setup, m: Machine, from: number, to: number): void {
  if (s.shape.prot.length > 0) setProt(s, m, to, protAt(s, m, from))
}

/** The VMA that covers the page lets it be written: VM_WRITE. False where there is no VMA. */
export function vmaWritable(s: Setup, m: Machine, page: number): boolean {
  const region = s.regions[get(m, s.shape.vma, page) - 1]
  const prot = protAt(s, m, page)
  return region !== undefined && (prot === PROT.asVma ? region.writable : prot === PROT.readWrite)
}

/** The VMA that covers the page lets it be read. False where there is no VMA. */
export const vmaReadable = (s: Setup, m: Machine, page: number): boolean =>
  get(m, s.shape.vma, page) !== 0 && protAt(s, m, page) !== PROT.none
