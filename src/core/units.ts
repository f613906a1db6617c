import type { Brand } from './base/brand.ts'

/** A full 64-bit user address, in bytes. Only at the edges: traces and labels. */
export type VirtAddr = Brand<bigint, 'VirtAddr'>
/** address >> PAGE_SHIFT. 36 bits for 48-bit addresses, so a plain number holds it exactly. */
export type Vpn = Brand<number, 'Vpn'>
/** Index into the frame table; struct page in the kernel. */
export type Pfn = Brand<number, 'Pfn'>

const PAGE_SHIFT = 12n

/** Page numbers of another address space at the same addresses come this much later. Above 2 ** 52, the last of a 64-bit address. */
export const SPACE = 2 ** 52

/** The page number in its own address space. */
export const pageNumber = (vpn: Vpn): number => vpn % SPACE

export const addrOf = (vpn: Vpn): VirtAddr => (BigInt(pageNumber(vpn)) << PAGE_SHIFT) as VirtAddr
export const asVpn = (n: number): Vpn => n as Vpn
export const asPfn = (n: number): Pfn => n as Pfn

/** Pages, `end` exclusive. */
export interface PageRange {
  readonly start: Vpn
  readonly end: Vpn
}

export const pagesIn = (r: PageRange): number => r.end - r.start

/** `0x100000000000`, as the kernel prints an address. */
export const hexAddr = (vpn: Vpn): string => `0x${addrOf(vpn).toString(16)}`

/** Level of a page table, by what its entries are: a PTE table holds PTEs. x86-64 with four levels. */
export type Level = 'PGD' | 'PUD' | 'PMD' | 'PTE'

/** Root first, the order of a walk. */
export const LEVELS: readonly Level[] = ['PGD', 'PUD', 'PMD', 'PTE']

/** The 9-bit index that an address uses in a table of `level`. */
export function indexAt(level: Level, vpn: Vpn): number {
  const below = LEVELS.length - 1 - LEVELS.indexOf(level)
  return Math.floor(vpn / 512 ** below) % 512
}

/** First page covered by the table of `level` that translates `vpn`. There is one PGD for all addresses. */
export function tableBase(level: Level, vpn: Vpn): Vpn {
  if (level === 'PGD') return 0 as Vpn
  const span = 512 ** (LEVELS.length - LEVELS.indexOf(level))
  return (Math.floor(vpn / span) * span) as Vpn
}
