import { plainNames } from '../../core/machine/caption.ts'
import type { SimEvent, Translator } from '../../core/machine/event.ts'
import { type FurtherEvent, tellingOf } from '../../core/machine/events/further.ts'
import type { Level, Pfn, Vpn } from '../../core/units.ts'
import type { StepView } from '../../core/view/world.ts'
import type { Place } from './place.ts'

export type Tone = StepView['tone']

/** What one event looks like when it happens. */
export interface Motion {
  readonly token: 'access' | 'walk' | 'translation' | 'invalidation' | 'page' | 'fault' | 'call'
  /** null: nothing travels, something happens at `to`. */
  readonly from: Place | null
  readonly to: Place
  readonly tone: Tone
  /** An access or a walk stays on the stage as an arrow until the next step. */
  readonly lasting: boolean
  /** A word or two, carried by the token. */
  readonly words: string
}

/** What moves when `event` happens. No event, no motion. */
export function motionsOf(event: SimEvent): readonly Motion[] {
  switch (event.type) {
    case 'syscall-entered':
    case 'syscall-returned':
      return [at('call', { in: 'mm' }, 'neutral', event.name)]
    case 'mmap-lock-taken':
    case 'mmap-lock-downgraded':
    case 'mmap-lock-released':
      return [at('call', { in: 'mm' }, 'neutral', 'mmap lock')]
    case 'ptl-taken':
    case 'ptl-released':
      return [at('call', table(event.table), 'neutral', 'PTL')]
    case 'vma-mapped':
      return [at('page', page(event.range.start), 'mapped', 'mapped')]
    case 'vma-detached':
      return [at('page', page(event.range.start), 'unmapped', 'VMA removed')]
    case 'invalidate-range-started':
      return [go('call', { in: 'mm' }, { in: 'iommu' }, 'mapped', 'start')]
    case 'invalidate-range-ended':
      return [go('call', { in: 'mm' }, { in: 'iommu' }, 'mapped', 'end')]
    case 'secondary-tlb-invalidate-called':
      return [go('invalidation', { in: 'mm' }, { in: 'iommu' }, 'invalidated', 'invalidate')]
    case 'empty-hook-called':
      return [go('call', { in: 'mm' }, { in: 'iommu' }, 'neutral', 'empty function')]
    case 'pte-change-notified':
      return [go('call', entry(event.vpn), { in: 'iommu' }, 'mapped', 'change_pte')]
    case 'young-cleared':
      return [at('call', page(event.range.start), 'neutral', 'young')]
    case 'notifier-released':
      return [go('call', { in: 'mm' }, { in: 'iommu' }, 'neutral', 'release')]
    case 'gather-started':
    case 'gather-flushed':
    case 'flush-forced':
    case 'tlb-finish-started':
      return [at('page', { in: 'gather' }, 'unmapped', 'mmu_gather')]
    case 'zap-started':
      return [at('page', page(event.range.start), 'unmapped', 'zap')]
    case 'pte-cleared':
      return [at('page', entry(event.vpn), 'unmapped', 'cleared')]
    case 'rmap-removed':
      return [at('page', frame(event.pfn), 'neutral', 'rmap')]
    case 'page-gathered':
      return [go('page', frame(event.pfn), { in: 'gather' }, 'unmapped', `pfn ${event.pfn}`)]
    case 'free-pgtables-started':
      return [at('page', { in: 'mm' }, 'table', 'free_pgtables')]
    case 'table-unlinked':
      return [at('page', table(event.pfn), 'unmapped', 'unlinked')]
    case 'table-gathered':
      return [go('page', table(event.pfn), { in: 'gather' }, 'table', `pfn ${event.pfn}`)]
    case 'tables-queued-for-rcu':
    case 'rcu-callback-ran':
      return [at('page', { in: 'gather' }, 'table', 'RCU')]
    case 'cpu-flush-started':
      return [at('invalidation', { in: 'gather' }, 'invalidated', 'flush')]
    case 'ipi-sent':
      return event.to.map(index => go('invalidation', { in: 'gather' }, cpu(index), 'invalidated', 'IPI'))
    case 'cpu-tlb-flushed':
      return [at('invalidation', cpu(event.cpu), 'invalidated', 'flushed')]
    case 'cpu-flush-completed':
      return [at('invalidation', { in: 'gather' }, 'invalidated', 'all flushed')]
    case 'page-allocated':
      return [at('page', frame(event.pfn), 'neutral', event.owner)]
    case 'table-allocated':
      return [go('page', frame(event.pfn), table(event.pfn), 'table', event.level)]
    case 'pte-set':
      return [go('translation', frame(event.pfn), entry(event.vpn), 'mapped', `pfn ${event.pfn}`)]
    case 'page-put':
      return [at('page', frame(event.pfn), 'neutral', 'put')]
    case 'page-freed':
    case 'table-freed':
      return [go('page', { in: 'gather' }, frame(event.pfn), 'freed', 'free')]
    case 'frame-filled':
      return [at('page', frame(event.pfn), 'neutral', 'filled')]
    case 'fault-taken':
      return [at('fault', page(event.vpn), 'neutral', 'fault')]
    case 'fault-refused':
      return [at('fault', page(event.vpn), 'neutral', 'refused')]
    case 'cpu-accessed':
      return [{ ...go('access', cpu(event.cpu), frame(event.pfn), 'mapped', verb(event.write)), lasting: true }]
    case 'tlb-hit':
      return [at('translation', cached(event.by, event.vpn), 'mapped', 'hit')]
    case 'tlb-missed':
      return [at('translation', tlbOf(event.by), 'neutral', 'miss')]
    case 'walk-started':
      return [walk(event.by, event.table, event.level, event.fromCache ? 'from walk cache' : 'walk')]
    case 'walk-read':
      return [walk(event.by, event.table, event.level, 'read')]
    case 'walk-cache-filled':
      return [go('translation', table(event.table), walkCache(event.by, event.table), 'table', event.level)]
    case 'tlb-filled':
      return [go('translation', entry(event.vpn), cached(event.by, event.vpn), 'mapped', `pfn ${event.pfn}`)]
    case 'walk-aborted':
      return [at('walk', translator(event.by), 'neutral', 'walk aborted')]
    case 'invalidation-queued':
      return [go('invalidation', { in: 'iommu' }, { in: 'queue' }, 'invalidated', 'queued')]
    case 'invalidation-executed':
      return [go('invalidation', { in: 'queue' }, tlbOf({ kind: 'iommu' }), 'invalidated', `dropped ${event.dropped}`)]
    case 'invalidation-completed':
      return [at('invalidation', { in: 'queue' }, 'invalidated', 'completed')]
    case 'pasid-root-set':
      return [at('call', { in: 'root' }, 'table', event.root)]
    case 'page-requested':
      return [go('fault', device(event.device), page(event.vpn), 'neutral', 'page request')]
    case 'page-request-answered':
      return [go('fault', page(event.vpn), device(event.device), 'neutral', event.response)]
    case 'device-accessed':
      return [{ ...go('access', device(event.device), frame(event.pfn), 'mapped', verb(event.write)), lasting: true }]
    case 'device-stopped':
      return [at('fault', device(event.device), 'neutral', 'stopped')]
    case 'used-after-free':
      return [{ ...go('access', translator(event.by), frame(event.pfn), 'damage', verb(event.write)), lasting: true }]
    case 'walked-after-free':
      return [{ ...go('walk', translator(event.by), frame(event.pfn), 'damage', 'walk'), lasting: true }]
    case 'freed-too-early':
      return [at('page', frame(event.pfn), 'damage', 'freed too early')]
    case 'range-not-covered':
      return [at('page', page(event.vpn), 'damage', 'not covered')]
    case 'pairing-broken':
      return [at('call', { in: 'mm' }, 'damage', 'pairing broken')]
    case 'operation-left-out':
      return [at('call', { in: 'mm' }, 'neutral', 'left out')]
    case 'kernel-function-entered':
      return [at('call', { in: 'mm' }, 'neutral', event.name)]
    case 'marked':
      return []
    default:
      return furtherMotions(event)
  }
}

/** Events of the families in core/machine/events: at the frame they are about, or the page, or the mm. */
function furtherMotions(event: FurtherEvent): readonly Motion[] {
  const telling = tellingOf(event)
  if (telling === undefined) return []
  const words = telling.mark(event, plainNames)
  if ('by' in event && 'pfn' in event && event.pfn !== null)
    return [{ ...go('access', translator(event.by), frame(event.pfn), telling.tone, words), lasting: true }]
  if ('consumer' in event)
    return [
      'pfn' in event && telling.tone === 'mapped'
        ? go('translation', frame(event.pfn), consumer(event.consumer), telling.tone, words)
        : at('call', consumer(event.consumer), telling.tone, words),
    ]
  if ('from' in event) return [go('page', frame(event.from), frame(event.pfn), telling.tone, words)]
  if ('vpn' in event) return [at('page', page(event.vpn), telling.tone, words)]
  return [at('call', { in: 'mm' }, telling.tone, words)]
}

/**
 * What moves in one step. An access that does damage is told by two events, who accessed and what was wrong with it:
 * they are one arrow, red, from the one who accessed.
 */
export function motionsOfStep(events: readonly SimEvent[]): readonly Motion[] {
  const motions = events.flatMap(motionsOf)
  const harm = motions.filter(m => m.tone === 'damage' && m.lasting)
  const told = new Set<Motion>()
  const merged = motions.map(m => {
    const same = m.tone !== 'damage' && m.lasting ? harm.find(h => !told.has(h) && endsAlike(h, m)) : undefined
    if (same === undefined) return m
    told.add(same)
    return { ...m, tone: 'damage' as const, to: same.to }
  })
  return merged.filter(m => !told.has(m))
}

const endsAlike = (a: Motion, b: Motion): boolean => a.token === b.token && pfnOf(a.to) === pfnOf(b.to)
const pfnOf = (place: Place): Pfn | null => (place.in === 'frame' || place.in === 'table' ? place.pfn : null)

const go = (token: Motion['token'], from: Place, to: Place, tone: Tone, words: string): Motion => ({
  token,
  from,
  to,
  tone,
  lasting: false,
  words,
})
const at = (token: Motion['token'], to: Place, tone: Tone, words: string): Motion => ({
  token,
  from: null,
  to,
  tone,
  lasting: false,
  words,
})

const verb = (write: boolean): string => (write ? 'write' : 'read')
const cpu = (index: number): Place => ({ in: 'cpu', index })
const device = (index: number): Place => ({ in: 'device', index })
const frame = (pfn: Pfn): Place => ({ in: 'frame', pfn })
const table = (pfn: Pfn): Place => ({ in: 'table', pfn })
const entry = (vpn: Vpn): Place => ({ in: 'table-entry', vpn })
const page = (vpn: Vpn): Place => ({ in: 'page', vpn })
const consumer = (index: number): Place => ({ in: 'consumer', index })
function translator(by: Translator): Place {
  if (by.kind === 'cpu') return cpu(by.index)
  if (by.kind === 'device') return device(by.index)
  return by.kind === 'iommu' ? { in: 'iommu' } : consumer(by.index)
}
function cached(by: Translator, vpn: Vpn): Place {
  if (by.kind === 'cpu') return { in: 'cpu-tlb', index: by.index, vpn }
  if (by.kind === 'device') return { in: 'atc', index: by.index, vpn }
  return by.kind === 'iommu' ? { in: 'iotlb', vpn } : consumer(by.index)
}
const tlbOf = (by: Translator): Place => cached(by, -1 as Vpn)
const walkCache = (by: Translator, pfn: Pfn): Place =>
  by.kind === 'cpu' ? { in: 'cpu-walk-cache', index: by.index, table: pfn } : { in: 'walk-cache', table: pfn }
const walk = (by: Translator, pfn: Pfn, level: Level, words: string): Motion => ({
  ...go('walk', translator(by), table(pfn), 'table', `${words} ${level}`),
  lasting: true,
})
