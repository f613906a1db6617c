import { hexAddr, type Vpn } from '../../core/units.ts'
import type { EntryState, FrameUse, PageState, WorldView } from '../../core/view/world.ts'

/** What each use of a frame is called, everywhere: legend, table, tooltip. */
export const frameWords: Readonly<Record<FrameUse, string>> = {
  mapped: 'mapped',
  unmapped: 'unmapped, not yet freed',
  free: 'free',
  table: 'page-table page',
  reused: 'reused by another owner',
  reserved: 'somebody else’s',
}

export const pageWords: Readonly<Record<PageState, string>> = {
  untouched: 'never touched',
  mapped: 'mapped',
  unmapped: 'unmapped, frame not yet freed',
  freed: 'unmapped, frame freed',
}

export const entryWords: Readonly<Record<EntryState, string>> = {
  live: 'agrees with the page table',
  stale: 'stale: the page table no longer says so',
  damaging: 'leads into a frame that was freed',
}

/** Turns a page into the words the reader knows it by: `buf[0]`. */
export type PageName = (vpn: Vpn) => string

/** Names pages as `world` does. */
export function pageNames(world: WorldView): PageName {
  const names = new Map(world.mm.pages.map(p => [p.vpn, p.label]))
  return (vpn: Vpn) => names.get(vpn) ?? hexAddr(vpn)
}
