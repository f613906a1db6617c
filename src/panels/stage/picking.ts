import { createContext, use } from 'react'
import type { Pfn, Vpn } from '../../core/units.ts'
import { isNamed, type Selection, sameSelection, selectionOf } from '../shared/selection.ts'

/** What the reader points at, for every cell of the stage. */
export interface Picking {
  readonly selected: Selection | null
  onSelect(selection: Selection | null): void
}

export const PickingContext = createContext<Picking>({ selected: null, onSelect: () => undefined })

/** How a cell that names `pfn` (and stands for `vpn`) takes part in pointing. */
export function usePick(pfn: Pfn | null, vpn?: Vpn): { readonly named: boolean; pick(): void } {
  const { selected, onSelect } = use(PickingContext)
  const mine = selectionOf(pfn, vpn)
  return {
    named: isNamed(selected, pfn, vpn),
    pick: () => onSelect(sameSelection(selected, mine) ? null : mine),
  }
}
