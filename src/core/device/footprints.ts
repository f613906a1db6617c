import type { Machine } from '../machine/cells.ts'
import { span } from '../machine/resources.ts'
import type { Setup } from '../machine/setup.ts'
import { later, type Need, type Part } from '../threads/footprint.ts'
import { completed, type Named, queueFull } from './invalidation-queue.ts'

/** A range of pages that may depend on the state; `bounds` takes in all that it can be. */
export interface PagesAt {
  readonly bounds: readonly [number, number]
  readonly at: (m: Machine) => readonly [number, number]
  /** It is everything, not just all that there is. Absent: never. */
  readonly all?: (m: Machine) => boolean
  /** It is everything because an empty range was told (policy.rangeArgument). Absent: never. */
  readonly emptied?: (m: Machine) => boolean
}

export const fixedPages = (lo: number, hi: number): PagesAt => ({ bounds: [lo, hi], at: () => [lo, hi] })

export const everyPage = (s: Setup): PagesAt => ({ ...fixedPages(0, s.vpns.length), all: () => true })

/** The range as commands have it. */
export const named = (pages: PagesAt, m: Machine): Named => (pages.all?.(m) === true ? 'all' : pages.at(m))

/** There is room in the invalidation queue. Who takes it changes the order of commands, which `submits` looks at. */
export const roomInQueue = (s: Setup): Need => ({
  on: [s.resources.queueRoom],
  holds: m => !queueFull(s, m),
  as: 'misses',
})

/** No command of the CPU waits in the queue. Nobody else puts one there. */
export const commandsDone = (s: Setup, by: number): Need => ({
  on: [s.resources.commands(by)],
  holds: m => completed(s, m, by),
  as: 'knows',
})

/**
 * submit(), in states where `when` holds, and what the IOMMU drops when it executes the command. That it takes commands from the
 * other end meanwhile makes no difference to the order.
 */
export function submits(
  s: Setup,
  by: number,
  pages: PagesAt,
  leafOnly: (m: Machine) => boolean,
  when: (m: Machine) => boolean = () => true,
): Part[] {
  const { resources: r, shape } = s
  const [lo, hi] = pages.bounds
  const over = (m: Machine, from: number, to: number): boolean => {
    const [start, end] = pages.at(m)
    return end > start && from < end && to > start && when(m)
  }
  const places = shape.places.filter(p => p.firstPage < hi && p.endPage > lo)
  return [
    // There must be room even when it then turns out that there is nothing to tell.
    { reads: [r.queue], knows: [r.queueRoom] },
    { writes: [r.queue], merges: [r.commands(by)], now: m => over(m, lo, hi) },
    later({ merges: [...span(r.iotlb, lo, hi), ...places.map(p => r.walkCache(p.id))] }),
    later({ writes: shape.ats.flatMap((a, device) => (a.tlb.length > 0 ? [r.atcRequest(device)] : [])) }),
    ...Array.from({ length: hi - lo }, (_, i): Part => {
      const page = lo + i
      return { merges: [r.uncoveredPage(page)], now: m => over(m, page, page + 1) }
    }),
    ...places.map(
      (p): Part => ({ merges: [r.uncoveredTable(p.id)], now: m => !leafOnly(m) && over(m, p.firstPage, p.endPage) }),
    ),
  ]
}
