import type { Vpn } from '../../core/units.ts'
import type { PageView, VmaView } from '../../core/view/world.ts'

/** Neighbouring pages drawn as one segment of the strip: a single page, or a run of equals when there are many. */
export interface Segment {
  readonly first: PageView
  readonly count: number
}

/** Part of the address space without a hole in it. */
export interface Region {
  readonly start: Vpn
  readonly segments: readonly Segment[]
  readonly pages: number
  /** The VMA that covers or covered it. */
  readonly vma: VmaView | null
}

/** More pages than this are drawn as runs. */
const MOST_PAGES = 24

/** Cuts the pages into VMAs, and those into segments. Cuts depend on the pages there are, not on their state, until there are many. */
export function regionsOf(pages: readonly PageView[], vmas: readonly VmaView[]): readonly Region[] {
  const asRuns = pages.length > MOST_PAGES
  const regions: { start: Vpn; segments: Segment[]; pages: number; vma: VmaView | null }[] = []
  let last: PageView | null = null
  for (const page of pages) {
    const vma = vmas.find(v => page.vpn >= v.range.start && page.vpn < v.range.end) ?? null
    const open = regions.at(-1)
    const joins = open !== undefined && last !== null && page.vpn === last.vpn + 1 && vma === open.vma
    last = page
    if (!joins) {
      regions.push({ start: page.vpn, segments: [{ first: page, count: 1 }], pages: 1, vma })
      continue
    }
    open.pages++
    const run = open.segments.at(-1)
    if (asRuns && run !== undefined && run.first.state === page.state) {
      open.segments[open.segments.length - 1] = { first: run.first, count: run.count + 1 }
    } else {
      open.segments.push({ first: page, count: 1 })
    }
  }
  return regions
}
