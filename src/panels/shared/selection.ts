import type { Pfn, Vpn } from '../../core/units.ts'

/** What the reader points at. Most things on the stage name a frame; a page that has none is picked by itself. */
export type Selection = { readonly kind: 'frame'; readonly pfn: Pfn } | { readonly kind: 'page'; readonly vpn: Vpn }

/** What picking something picks: the frame it names, or else its page. */
export const selectionOf = (pfn: Pfn | null, vpn?: Vpn): Selection | null => {
  if (pfn !== null) return { kind: 'frame', pfn }
  return vpn === undefined ? null : { kind: 'page', vpn }
}

/** Whether something that names `pfn` (and stands for `vpn`) is what the reader points at. */
export function isNamed(selected: Selection | null, pfn: Pfn | null, vpn?: Vpn): boolean {
  if (selected === null) return false
  return selected.kind === 'frame' ? selected.pfn === pfn : selected.vpn === vpn
}

/** Same thing picked twice: the second time lets go of it. */
export function sameSelection(a: Selection | null, b: Selection | null): boolean {
  if (a === null || b === null) return a === b
  if (a.kind === 'frame') return b.kind === 'frame' && a.pfn === b.pfn
  return b.kind === 'page' && a.vpn === b.vpn
}
