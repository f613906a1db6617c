import { asVpn, type PageRange, type Pfn, type Vpn } from '../units.ts'
import type { TimedEvent } from './timed.ts'

/** A page some fault of the recording brought in. */
export interface FaultedPage {
  readonly pfn: Pfn
  readonly order: number
}

/** Pages known to be mapped, by mm and page, from the faults and unmappings seen so far. */
export type Presence = Map<string, Map<Vpn, FaultedPage>>

/** What the task's next page allocation is for, by task. */
export type Faulting = Map<number, Vpn>

/**
 * Keeps `present` up to date with one event. A fault brings in the page it allocates; what the zap of a range starts on is
 * gone. Pages from before the recording, the zero page and pages brought in unasked are not known here.
 */
export function observe(present: Presence, faulting: Faulting, e: TimedEvent): void {
  const { event, mm } = e
  if (mm === null) return
  if (event.type === 'fault-taken') {
    faulting.set(e.who, event.vpn)
    return
  }
  if (event.type === 'page-allocated') {
    const vpn = faulting.get(e.who)
    faulting.delete(e.who)
    if (vpn === undefined) return
    const pages = present.get(mm) ?? new Map<Vpn, FaultedPage>()
    present.set(mm, pages)
    const span = 2 ** event.order
    pages.set(asVpn(Math.floor(vpn / span) * span), { pfn: event.pfn, order: event.order })
    return
  }
  if (event.type === 'syscall-returned') faulting.delete(e.who)
  if (event.type !== 'zap-started') return
  const pages = present.get(mm)
  if (pages === undefined) return
  const { start, end } = event.range
  if (end - start <= pages.size) for (let v = start; v < end; v = asVpn(v + 1)) pages.delete(v)
  else for (const v of pages.keys()) if (v >= start && v < end) pages.delete(v)
}

/** An mremap has moved what was mapped in `from` to where `to` begins. */
export function movePages(present: Presence, mm: string, from: PageRange, to: Vpn): void {
  const pages = present.get(mm)
  if (pages === undefined) return
  const moved = [...pages].filter(([vpn]) => vpn >= from.start && vpn < from.end)
  for (const [vpn] of moved) pages.delete(vpn)
  for (const [vpn, page] of moved) pages.set(asVpn(vpn - from.start + to), page)
}
