import { asVpn, hexAddr, type PageRange } from '../units.ts'
import type { Evidence, Moment, PageAt } from './evidence.ts'

export type Holds = 'holds' | 'fails' | 'not measured'

/** What came of trying a promise. */
export interface Finding {
  readonly holds: Holds
  /** Where it fails: which page, which line of the recording. */
  readonly where: string | null
}

/** A sentence about the course of an operation on which somebody relies, and whether it is so. */
export interface Promised {
  readonly sentence: string
  readonly in: (evidence: Evidence) => Finding
}

const unknown: Finding = { holds: 'not measured', where: null }
const holds: Finding = { holds: 'holds', where: null }
const fails = (where: string): Finding => ({ holds: 'fails', where })

type Callback = Extract<Moment, { pages: readonly PageAt[] }>
const isCallback = (m: Moment): m is Callback => 'pages' in m
const of = <T extends Moment['type']>(e: Evidence, type: T) =>
  e.moments.filter((m): m is Extract<Moment, { type: T }> => m.type === type)

const at = (line: number | null): string => (line === null ? '' : ` (line ${line})`)
const page = (p: PageAt): string => `page ${hexAddr(asVpn(p.vpn))}`

/** Tries `wrong` on every page reported in `found`; null: nothing was reported. */
function eachPage(found: readonly Callback[], wrong: (p: PageAt, in_: Callback) => string | null): Finding {
  let seen = false
  for (const callback of found) {
    for (const p of callback.pages) {
      seen = true
      const what = wrong(p, callback)
      if (what !== null) return fails(`${page(p)} ${what}${at(callback.line)}`)
    }
  }
  return seen ? holds : unknown
}

export const MAPPED: Promised = {
  sentence: 'At start() all pages are still mapped.',
  in: e => {
    const starts = of(e, 'start')
    const counted = starts.flatMap(s => (s.counts === null ? [] : [{ ...s.counts, line: s.line }]))
    const wrong = counted.find(c => c.mapped !== c.pages || c.freed > 0)
    if (wrong !== undefined)
      return fails(
        `${wrong.pages - wrong.mapped} of ${wrong.pages} pages are not, ${wrong.freed} are free${at(wrong.line)}`,
      )
    const each = eachPage(starts, p => (p.references > 0 ? null : 'is free'))
    return counted.length > 0 && each.holds !== 'fails' ? holds : each
  },
}

/** Up to 6.5 a flush of everything for a nested gather tells the notifier of an empty range: tlb_finish_mmu(), mm/mmu_gather.c */
const ofNothing = (range: PageRange | 'all'): boolean => range !== 'all' && range.start >= range.end

const ofEverything = (range: PageRange | 'all'): boolean =>
  range === 'all' || (range.start === 0 && range.end >= END_OF_SPACE)
/** Pages of 2^48 bytes: half of what four levels of tables translate. */
const END_OF_SPACE = 2 ** 36

/** Told of everything again and again, page table by page table: what comes later is not done yet but at the last. */
function lastOfEverything<T extends { readonly range: PageRange | 'all' }>(told: readonly T[]): T[] {
  const last = told.findLastIndex(m => ofEverything(m.range))
  return told.filter((m, i) => i === last || !ofEverything(m.range))
}

export const UNMAPPED: Promised = {
  sentence: 'At the secondary-TLB invalidate before a free, the pages are unmapped and not yet free.',
  in: e => {
    let waiting: number | null = null
    /** Told, and nothing was measured at it. */
    let unmeasured = false
    let told = e.complete
    let freed = false
    let wrong: Finding | null = null
    for (const m of e.moments) {
      if (m.type === 'secondary' && m.counts !== null && !ofNothing(m.range)) {
        told = true
        waiting = m.counts.pages - m.counts.mapped - m.counts.freed
      } else if (m.type === 'secondary' && !ofNothing(m.range) && m.site !== 'by_end') {
        waiting = null
        unmeasured = true
      } else if (m.type === 'freed' && m.what === 'page') {
        freed = true
        if ((waiting === null && e.complete) || (waiting !== null && waiting <= 0))
          wrong ??= fails(
            `frame ${hexPfn(m.pfn)} is freed, and the last invalidate had found none waiting${at(m.line)}`,
          )
        if (waiting !== null) waiting--
      }
    }
    return told && freed ? (wrong ?? (unmeasured ? unknown : holds)) : unknown
  },
}

export const FREED_AFTER: Promised = {
  sentence: 'No page is freed before a secondary-TLB invalidate has found it unmapped.',
  in: e => {
    let unmapped = 0
    let freed = 0
    /** Freed before the last start(): each pair may have a gather of its own. */
    let before = 0
    let told = false
    /** Likewise: it may have found all of them. */
    let unmeasured = false
    let wrong: Finding | null = null
    for (const m of e.moments) {
      if (m.type === 'start') before = freed
      else if (m.type === 'secondary' && m.counts === null) unmeasured ||= m.site !== 'by_end' && !ofNothing(m.range)
      else if (m.type === 'secondary' && m.counts !== null) {
        told = true
        unmapped = Math.max(unmapped, before + m.counts.pages - m.counts.mapped)
      } else if (m.type === 'freed' && m.what === 'page' && ++freed > unmapped && !unmeasured) {
        wrong ??= fails(`frame ${hexPfn(m.pfn)} is freed first${at(m.line)}`)
      }
    }
    // A notifier that measures and was never told of pages that went: that is measured too.
    const measured = told || e.complete || of(e, 'start').some(s => s.counts !== null)
    return measured && freed > 0 ? (wrong ?? (unmeasured ? unknown : holds)) : unknown
  },
}

/**
 * Order alone, whatever the callbacks measured. The call from end() does not count: it comes before the CPU flush of what its pair has
 * unmapped, and a CPU may write to the page until that.
 */
export const IN_ORDER: Promised = {
  sentence: 'Whatever is freed is freed after a CPU flush and the secondary-TLB invalidate that goes with it.',
  in: e => freedAfter(e, ({ flushed }, m) => (m.type === 'secondary' && m.site !== 'by_end' ? flushed : null)),
}

/**
 * Where pages are unmapped one by one, each in its own pair: since the last start() both have been, the call from end() too. Up to 6.5 end()
 * comes after the flush; where the flush is put off, secondary TLBs are told before it.
 */
export const IN_ORDER_BY_PAGE: Promised = {
  ...IN_ORDER,
  in: e => freedAfter(e, (_, m) => (m.type === 'secondary' ? true : null), true),
}

/** Told: what a moment makes of it; null: nothing. */
function freedAfter(
  e: Evidence,
  told: (so: { readonly flushed: boolean }, m: Moment) => boolean | null,
  byPage = false,
): Finding {
  const so = { flushed: false, told: false }
  let freed = false
  let wrong: Finding | null = null
  for (const m of e.moments) {
    if (m.type === 'start' && byPage) so.flushed = so.told = false
    else if (m.type === 'flushed') {
      so.flushed = true
      so.told &&= byPage
    } else if (m.type === 'freed') {
      freed = true
      if (!so.told || !so.flushed) wrong ??= fails(`frame ${hexPfn(m.pfn)} is freed first${at(m.line)}`)
    }
    so.told = told(so, m) ?? so.told
  }
  const shown = of(e, 'flushed').length > 0 && of(e, 'start').length > 0
  return shown && freed ? (wrong ?? holds) : unknown
}

export const EACH_TOLD: Promised = {
  sentence: 'Each page freed had been found unmapped, and not yet free, by a secondary-TLB invalidate.',
  in: e => {
    const reported = new Set<number>()
    const found = new Set<number>()
    let seen = false
    for (const m of e.moments) {
      // An entry that lets nobody in, as one with a NUMA hint, is in no TLB.
      if (m.type === 'start') for (const p of m.pages) if (p.present) reported.add(p.was)
      if (m.type === 'secondary')
        for (const p of m.pages) if (p.pfn !== p.was && !p.present && p.references > 0) found.add(p.was)
      if (m.type !== 'freed' || m.what !== 'page' || !reported.has(m.pfn)) continue
      seen = true
      if (!found.has(m.pfn)) return fails(`frame ${hexPfn(m.pfn)} was not${at(m.line)}`)
    }
    return seen ? holds : unknown
  },
}

export const KEPT: Promised = {
  sentence: 'No page is freed: every callback finds each with its references.',
  in: e => {
    const found = e.moments.filter(isCallback)
    const each = eachPage(found, p => (p.references > 0 ? null : 'is free'))
    if (each.holds === 'fails') return each
    const frames = new Set(found.flatMap(c => c.pages.map(p => p.was)))
    const freed = e.moments.find(m => m.type === 'freed' && m.what === 'page' && frames.has(m.pfn))
    if (freed !== undefined && 'pfn' in freed) return fails(`frame ${hexPfn(freed.pfn)} is freed${at(freed.line)}`)
    const counted = found.flatMap(c => (c.counts === null ? [] : [{ freed: c.counts.freed, line: c.line }]))
    const wrong = counted.find(c => c.freed > 0)
    if (wrong !== undefined) return fails(`${wrong.freed} pages are free${at(wrong.line)}`)
    return counted.length > 0 ? holds : each
  },
}

/** The parts of an entry that hardware sets by itself do not count. */
const sameEntry = (p: PageAt, q: PageAt): boolean =>
  p.pfn === q.pfn && p.state === q.state && p.writable === q.writable && p.softDirty === q.softDirty

export const CHANGED_BEFORE: Promised = {
  sentence:
    'Every secondary-TLB invalidate finds the entries as end() leaves them, of the same frames, still referenced.',
  in: e => {
    const last = new Map<number, PageAt>()
    for (const m of of(e, 'end')) for (const p of m.pages) last.set(p.vpn, p)
    let seen = false
    // A flush made good for reclaim comes before anything is changed, and is of everything.
    const after = of(e, 'secondary').filter(m => m.site !== 'inside' || !ofEverything(m.range))
    const each = eachPage(after, p => {
      const final = last.get(p.vpn)
      if (final === undefined) return null
      seen = true
      if (p.references === 0) return 'is free'
      if (final.pfn !== p.was && final.pfn !== null) return 'has another frame'
      return sameEntry(p, final) ? null : 'has its old entry'
    })
    return each.holds === 'fails' ? each : seen ? holds : unknown
  },
}

/** What end() must find in an entry. */
export const atEnd = (sentence: string, wrong: (p: PageAt, before: PageAt | null) => string | null): Promised => ({
  sentence,
  in: e => {
    const before = new Map<number, PageAt>()
    for (const m of of(e, 'start')) for (const p of m.pages) before.set(p.vpn, p)
    return eachPage(of(e, 'end'), p => wrong(p, before.get(p.vpn) ?? null))
  },
})

export const EMPTY_AND_REFERENCED: Promised = {
  sentence: 'At the secondary-TLB invalidate nothing is mapped there, and the old frames are still referenced.',
  in: e =>
    eachPage(lastOfEverything(of(e, 'secondary')), p =>
      p.present && p.pfn === p.was ? 'is still mapped' : p.references > 0 ? null : 'is free',
    ),
}

export const NOT_WRITABLE: Promised = {
  sentence: 'At the secondary-TLB invalidate the page is gone from there, or cannot be written.',
  in: e => eachPage(of(e, 'secondary'), p => (p.present && p.writable === true ? 'can be written' : null)),
}

export const KEPT_MAPPED: Promised = atEnd('At end() something is mapped there again, and it cannot be written.', p =>
  p.state !== 'present' ? 'is not mapped' : p.writable === true ? 'can be written' : null,
)

export const RELEASED_MAPPED: Promised = {
  sentence: 'At release() all pages are still mapped.',
  in: e => {
    const [release] = of(e, 'release')
    if (release === undefined || release.counts === null) return unknown
    const { pages, mapped, freed } = release.counts
    return mapped === pages && freed === 0 ? holds : fails(`${mapped} of ${pages} are${at(release.line)}`)
  },
}

export const RELEASE_LAST: Promised = {
  sentence: 'release() is the last callback, and nothing is freed before it.',
  in: e => {
    const first = e.moments.findIndex(m => m.type === 'release')
    if (first < 0) return unknown
    const early = e.moments.slice(0, first).find(m => m.type === 'freed')
    if (early !== undefined) return fails(`something is freed before${at(early.line)}`)
    const later = e.moments.slice(first + 1).find(isCallback)
    return later === undefined ? holds : fails(`another follows${at(later.line)}`)
  },
}

export const FLUSHED_FIRST: Promised = {
  sentence: 'Whatever is freed is freed after a CPU flush.',
  in: e => {
    const flush = e.moments.findIndex(m => m.type === 'flushed')
    const freed = e.moments.find(m => m.type === 'freed')
    if (flush < 0 || freed === undefined) return unknown
    const early = e.moments.slice(0, flush).find(m => m.type === 'freed')
    return early === undefined ? holds : fails(`something is freed before${at(early.line)}`)
  },
}

/** Where the range of end() ends, its start() began: whatever else opens in between. */
export const PAIRED: Promised = {
  sentence: 'Every start() has its end(), over the same range.',
  in: e => {
    const open: { start: number; end: number }[] = []
    let pairs = 0
    for (const m of e.moments) {
      if (m.type === 'start') {
        pairs++
        open.push(m.range)
      } else if (m.type === 'end') {
        const own = open.findLastIndex(r => r.start === m.range.start && r.end === m.range.end)
        if (own < 0) return fails(`end() of ${hexAddr(m.range.start)} has none${at(m.line)}`)
        open.splice(own, 1)
      }
    }
    const [left] = open
    if (left !== undefined && e.breaksOff === true) return unknown
    if (left !== undefined) return fails(`start() of ${hexAddr(asVpn(left.start))} has none`)
    return pairs > 0 ? holds : unknown
  },
}

const hexPfn = (pfn: number): string => `0x${pfn.toString(16)}`
