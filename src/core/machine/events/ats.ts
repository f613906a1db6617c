import type { PageRange, Vpn } from '../../units.ts'
import { rangeWords } from './range-words.ts'
import type { Tellings } from './telling.ts'

/** What passes between a device with an ATC and the IOMMU. */
export type AtsEvent =
  | { readonly type: 'translation-requested'; readonly device: number; readonly vpn: Vpn; readonly write: boolean }
  | {
      readonly type: 'atc-invalidate-requested'
      readonly device: number
      readonly range: PageRange | 'all'
      /** As the driver wrote it, and how many of the kind it took; absent where commands are nobody's. */
      readonly command?: string
      readonly count?: number
    }
  /** The second round of a flush, after a wait: for a device's ATC, or for the IOTLB (-1). */
  | {
      readonly type: 'rest-queued'
      readonly device: number
      readonly range: PageRange | 'all'
      readonly by: string
      readonly command?: string
      readonly count?: number
    }
  | { readonly type: 'atc-invalidate-timed-out'; readonly device: number; readonly range: PageRange | 'all' }
  | {
      readonly type: 'atc-invalidate-retried'
      readonly device: number
      readonly range: PageRange | 'all'
      readonly by: string
      readonly command?: string
      readonly count?: number
    }
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
    caption: (e, n) =>
      `${e.command === undefined ? '' : `${e.command}: `}the IOMMU sends ${n.device(e.device)} an Invalidate Request for ${rangeWords(e.range, n)}`,
    mark: () => 'ATC request',
    tone: 'invalidated',
  },
  'atc-invalidate-timed-out': {
    caption: (e, n) =>
      `${n.device(e.device)} has not answered the Invalidate Request for ${rangeWords(e.range, n)}: the IOMMU gives it up`,
    mark: () => 'time-out',
    tone: 'unmapped',
  },
  'atc-invalidate-retried': {
    caption: (e, n) =>
      `${e.by} sees the time-out, and queues the invalidate of ${rangeWords(e.range, n)} for the ATC of ${n.device(e.device)} again${e.command === undefined ? '' : `, as ${e.command}`}`,
    mark: () => 'again',
    tone: 'invalidated',
  },
  'rest-queued': {
    caption: (e, n) =>
      `${e.by} queues what it has held back: an invalidate of ${rangeWords(e.range, n)} for ${e.device < 0 ? 'the IOTLB' : `the ATC of ${n.device(e.device)}`}${e.command === undefined ? '' : `, as ${e.command}`}`,
    mark: () => 'queued',
    tone: 'invalidated',
  },
  'translation-requested': {
    caption: (e, n) => `${n.device(e.device)} sends a Translation Request for ${n.page(e.vpn)}`,
    mark: () => 'ATS request',
    tone: 'neutral',
  },
}
