import type { Pfn, Vpn } from '../../core/units.ts'

/** Somewhere on the stage. A motion names places; the stage knows which element stands there. */
export type Place =
  | { readonly in: 'cpu'; readonly index: number }
  | { readonly in: 'cpu-tlb'; readonly index: number; readonly vpn: Vpn }
  | { readonly in: 'cpu-walk-cache'; readonly index: number; readonly table: Pfn }
  | { readonly in: 'iommu' }
  | { readonly in: 'iotlb'; readonly vpn: Vpn }
  | { readonly in: 'walk-cache'; readonly table: Pfn }
  | { readonly in: 'atc'; readonly index: number; readonly vpn: Vpn }
  | { readonly in: 'queue' }
  | { readonly in: 'root' }
  | { readonly in: 'device'; readonly index: number }
  | { readonly in: 'consumer'; readonly index: number }
  | { readonly in: 'mm' }
  | { readonly in: 'page'; readonly vpn: Vpn }
  | { readonly in: 'table'; readonly pfn: Pfn }
  | { readonly in: 'table-entry'; readonly vpn: Vpn }
  | { readonly in: 'gather' }
  | { readonly in: 'frame'; readonly pfn: Pfn }
  | { readonly in: 'memory' }

/**
 * Names to look for on the stage, the nearest first: an entry that is gone is shown where it was kept, a table that is
 * no longer drawn is shown as the frame it was in.
 */
export function placeNames(place: Place): readonly string[] {
  switch (place.in) {
    case 'cpu':
      return [`cpu:${place.index}`]
    case 'cpu-tlb':
      return [`cpu:${place.index}:tlb:${place.vpn}`, `cpu:${place.index}:tlb`, `cpu:${place.index}`]
    case 'cpu-walk-cache':
      return [`cpu:${place.index}:pwc:${place.table}`, `cpu:${place.index}:pwc`, `cpu:${place.index}`]
    case 'iotlb':
      return [`iotlb:${place.vpn}`, 'iotlb', 'iommu']
    case 'walk-cache':
      return [`pwc:${place.table}`, 'pwc', 'iommu']
    case 'atc':
      return [`atc:${place.index}:${place.vpn}`, `atc:${place.index}`, `device:${place.index}`]
    case 'queue':
      return ['queue', 'iommu']
    case 'root':
      return ['root', 'iommu']
    case 'device':
      return [`device:${place.index}`]
    case 'consumer':
      return [`consumer:${place.index}`]
    case 'page':
      return [`page:${place.vpn}`, 'mm']
    case 'table':
      return [`table:${place.pfn}`, `frame:${place.pfn}`, 'memory']
    case 'table-entry':
      return [`pte:${place.vpn}`, `page:${place.vpn}`, 'mm']
    case 'frame':
      return [`frame:${place.pfn}`, 'memory']
    default:
      return [place.in]
  }
}
