import { describe, expect, it } from 'vitest'
import type { InvalidateSite } from '../machine/event.ts'
import { asVpn, type PageRange } from '../units.ts'
import { evidenceOf, type Moment, type PageCounts } from './evidence.ts'
import { operationsOf } from './extract.ts'
import { readRecording } from './import.ts'
import { kindNamed } from './kinds/index.ts'
import { UNMAPPED } from './promises.ts'
import { textOf } from './testing/recordings.ts'
import { lines, moved, type Transform, without } from './testing/transform.ts'

/** Sentences that fail in a text, each with where: `mprotect: Every … : page 0x… (line 9)`. */
function broken(text: string): string[] {
  const recording = readRecording([text])
  return operationsOf(recording).flatMap(({ input, events, callbacks }) => {
    const evidence = evidenceOf(recording.events, events, callbacks)
    return kindNamed(input.name).promises.flatMap(p => {
      const { holds, where } = p.in(evidence)
      return holds === 'fails' ? [`${input.name}: ${p.sentence} ${where}`] : []
    })
  })
}

/** Rewrites the entry of one page in the reports of one callback. */
const entry = (at: string, va: string, change: (line: string) => string): Transform =>
  lines(line => (line.includes(` at=${at} va=${va} `) ? change(line) : line))

const bits = (from: RegExp, to: string) => (line: string) => line.replace(from, to)
const free = (line: string): string => line.replace(/ ref=\d+ map=\d+ /, ' ref=0 map=0 ')
const PAGE = '0x100000000000'

const cases: readonly (readonly [string, string, Transform, RegExp])[] = [
  [
    'an mprotect tells the secondary TLBs while an entry can still be written',
    'mprotect8.trace.txt',
    entry('range', PAGE, bits(/865 state/, '867 state')),
    /^mprotect: Every secondary-TLB invalidate finds the entries as end\(\) leaves them.* page 0x100000000000 has its old entry \(line \d+\)$/,
  ],
  [
    'MADV_FREE leaves a page dirty',
    'free8.trace.txt',
    entry('end', '0x100000001000', bits(/807 state/, '847 state')),
    /^madvise-free: At end\(\) every page .* page 0x100000001000 is accessed or dirty \(line \d+\)$/,
  ],
  [
    'a fork leaves a page writable',
    'fork_cow3.trace.txt',
    entry('end', '0x4c0000', bits(/865 state/, '867 state')),
    /^fork: At end\(\) every page .* page 0x4c0000 can be written \(line \d+\)$/,
  ],
  [
    'a copy on write tells while the old page is mapped',
    'zeropage_cow4.trace.txt',
    entry('range', PAGE, bits(/state=none pfn=0x0 was=(0x[0-9a-f]+)/, 'state=present pfn=$1 was=$1')),
    /^cow: At the secondary-TLB invalidate nothing is mapped .* page 0x100000000000 is still mapped \(line \d+\)$/,
  ],
  [
    'a copy on write comes to its end with the old page',
    'zeropage_cow4.trace.txt',
    entry('end', PAGE, bits(/ pfn=0x[0-9a-f]+ was=(0x[0-9a-f]+)/, ' pfn=$1 was=$1')),
    /^cow: At end\(\) another frame is mapped there\. page 0x100000000000 still has its old frame/,
  ],
  [
    'a page that mremap moves is free',
    'mremap4.trace.txt',
    entry('range', PAGE, free),
    /^mremap: No page is freed.* page 0x100000000000 is free \(line \d+\)$/,
  ],
  [
    'a migrated page goes though nobody was told of it',
    'move_pages4.trace.txt',
    without(/ at=range va=0x100000002000 /),
    /^migrate: Each page freed had been found unmapped.* frame 0x1f24 was not \(line \d+\)$/,
  ],
  [
    'a page is migrated, and freed before the CPUs are flushed',
    'move_pages4.trace.txt',
    moved(/ mm_page_free: /, / flush_tlb_mm_range: /),
    /^migrate: Whatever is freed is freed after a CPU flush/,
  ],
  [
    'reclaim frees a page that a notifier found mapped',
    'pageout4.trace.txt',
    entry('range', PAGE, bits(/state=swap pfn=0x0 was=(0x[0-9a-f]+)/, 'state=present pfn=$1 was=$1')),
    /^madvise-pageout: Each page freed had been found unmapped.* frame 0x1f18 was not \(line \d+\)$/,
  ],
  [
    'a huge page that is split is still huge at the end',
    'thp_split.trace.txt',
    entry('end', PAGE, bits(/lvl=pte/, 'lvl=pmd')),
    /^thp-split: At end\(\) the same frames .* page 0x100000000000 is still huge \(line \d+\)$/,
  ],
  [
    'a soft-dirty bit is not cleared',
    'softdirty.trace.txt',
    entry('end', '0x400000', bits(/025 state/, '825 state')),
    /^clear-refs: At end\(\) every page .* page 0x400000 is soft-dirty \(line \d+\)$/,
  ],
  [
    'a page goes before release()',
    'exit_live.trace.txt',
    moved(/ mm_page_free: .*pfn=0x1ed6 /, / mn_release: /),
    /^exit: release\(\) is the last callback.* something is freed before \(line \d+\)$/,
  ],
  [
    'a start() has no end()',
    'k612-mprotect8.trace.txt',
    without(/ mn_invalidate_range_end: .* seq=1$/),
    /^mprotect: Every start\(\) has its end\(\), over the same range\. start\(\) of 0x100000000000 has none$/,
  ],
]

describe('what is promised of an operation, tried on the recording alone', () => {
  it.each([...new Set(cases.map(([, file]) => file))])('holds in %s', file => {
    expect(broken(textOf(file))).toEqual([])
  })

  it.each(cases)('is broken, page and line, where %s', (_, file, tamper, sentence) => {
    const found = broken(tamper(textOf(file)))
    expect(found).toContainEqual(expect.stringMatching(sentence))
  })
})

describe('of the invalidate before a free', () => {
  const range = { start: asVpn(1), end: asVpn(2) }
  const told = (site: InvalidateSite, told: PageRange, counts: PageCounts | null): Moment => ({
    type: 'secondary',
    site,
    range: told,
    counts,
    pages: [],
    line: null,
  })
  const found: PageCounts = { pages: 1, mapped: 0, freed: 0 }
  const freed: Moment = { type: 'freed', what: 'page', pfn: 7, line: null }
  const judged = (...moments: Moment[]) => UNMAPPED.in({ moments, complete: true }).holds

  it('one that found the page waiting is enough, whatever end() or a flush of nothing tells after it unmeasured', () => {
    expect(judged(told('inside', range, found), freed)).toBe('holds')
    expect(judged(told('inside', range, found), told('by_end', range, null), freed)).toBe('holds')
    expect(judged(told('inside', range, found), told('inside', { start: asVpn(1), end: asVpn(1) }, null), freed)).toBe(
      'holds',
    )
  })

  it('one that nobody measured leaves it open', () => {
    expect(judged(told('inside', range, found), told('inside', range, null), freed)).not.toBe('holds')
  })
})
