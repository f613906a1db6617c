import type { SimEvent, Translator } from '../../core/machine/event.ts'

export interface Harm {
  readonly title: string
  readonly detail: string
}

/** What went wrong in this step at the hands of `who`, for the banner on its card. */
export function harmBy(events: readonly SimEvent[], who: Translator): Harm | null {
  for (const e of events) {
    if (e.type !== 'used-after-free' && e.type !== 'walked-after-free') continue
    if (!sameTranslator(e.by, who)) continue
    if (e.others !== undefined)
      return {
        title: 'Wrong process',
        detail:
          e.type === 'used-after-free'
            ? `pfn ${e.pfn} is that of ${e.others}, of “${e.owner}”`
            : `pfn ${e.pfn} is a page table of “${e.others}”`,
      }
    const now = e.owner === '' || e.owner === 'nobody' ? 'is free' : `belongs to “${e.owner}”`
    return {
      title: e.type === 'used-after-free' ? 'Use after free' : 'Walk after free',
      detail: `pfn ${e.pfn} ${now}`,
    }
  }
  return null
}

/** The device whose access it was, when the IOMMU translated for one. */
export function harmOfDevice(events: readonly SimEvent[], device: number): Harm | null {
  const mine = events.some(e => e.type === 'device-accessed' && e.device === device)
  const anyone = events.some(e => e.type === 'device-accessed')
  if (!mine && (anyone || device !== 0)) return null
  const used = events.filter(e => e.type === 'used-after-free')
  return harmBy(used, { kind: 'iommu' }) ?? harmBy(used, { kind: 'device', index: device })
}

const sameTranslator = (a: Translator, b: Translator): boolean =>
  a.kind === b.kind && (a.kind === 'iommu' || b.kind === 'iommu' || a.index === b.index)
