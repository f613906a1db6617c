import type { PageRange, Vpn } from '../../units.ts'
import { rangeWords } from './range-words.ts'
import type { Tellings } from './telling.ts'

/** What passes between a device with an ATC and the IOMMU. */
export type AtsEvent =
  | { readonly type: 'translation-requested'; readonly device: number; readonly vpn: Vpn; readonly write: boolean }
  | { readonly type: 'atc-invalidate-requested'; readonly device: number; readonly range: PageRange | 'all' }
  | {
      readonly type: 'atc-invalidated'
      readonly device: number
      readonly range: PageRange | 'all'
      readonly dropped: number
    }

export const atsTellings: Tellings<AtsEvent> = {
  'atc-invalidated': {
    caption: (e, n) =>
      `${n.device(e.device)} drops ${e.dropped} ${e.dropped === 1 ? 'entry' : 'entries'} for ${rangeWords(e.range, n)} from its ATC and sends an Invalidate Completion`,
    mark: () => 'ATC',
    tone: 'invalidated',
  },
  'atc-invalidate-requested': {
    caption: (e, n) => `the IOMMU sends ${n.device(e.device)} an Invalidate Request for ${rangeWords(e.range, n)}`,
    mark: () => 'ATC request',
    tone: 'invalidated',
  },
  'translation-requested': {
    caption: (e, n) => `${n.device(e.device)} sends a Translation Request for ${n.page(e.vpn)}`,
    mark: () => 'ATS request',
    tone: 'neutral',
  },
}
