import { describe, expect, it } from 'vitest'
import { readRecording } from '../trace/import.ts'
import { recordingOf, textOf } from '../trace/testing/recordings.ts'
import * as change from '../trace/testing/transform.ts'
import { conform } from './conform.ts'
import type { OperationReport } from './report.ts'
import { simulate } from './simulate.ts'

/* Operations other than munmap and its kind, one recording each: the verdict, and what is not compared. */

const of = (operations: readonly OperationReport[], name: string): OperationReport[] =>
  operations.filter(o => o.name === name)
const operationsOf = (file: string): OperationReport[] =>
  conform(recordingOf(`${file}.trace.txt`), simulate, { file }).steps.flatMap(s => s.operations)
const operationsIn = (text: string): OperationReport[] =>
  conform(readRecording([text]), simulate).steps.flatMap(s => s.operations)

describe('verdicts', () => {
  const rows: readonly (readonly [file: string, name: string, count: number, meant: readonly string[]])[] = [
    ['mprotect8', 'mprotect', 3, []],
    ['mprotect8_smp', 'mprotect', 3, []],
    ['k612-mprotect8', 'mprotect', 3, []],
    ['thp_split', 'mprotect', 1, []],
    ['k612-thp_split', 'mprotect', 1, []],
    ['free8', 'madvise-free', 1, ['free-accessed']],
    ['free8', 'madvise-pageout', 1, ['pageout-accessed', 'rmap-count']],
    ['fork_cow3', 'fork', 1, ['fork-call', 'fork-left-to-faults']],
    ['thp_split', 'thp-split', 1, []],
    ['k612-thp_split', 'thp-split', 1, ['split-count']],
    ['softdirty', 'clear-refs', 1, ['clear-refs-call']],
    ['pageout4', 'madvise-pageout', 1, ['pageout-accessed', 'swap-cache-page', 'rmap-count']],
    ['move_pages4', 'migrate', 1, ['rmap-count', 'migrate-calls']],
  ]

  it.each(rows)('%s: %s, %i times the same', (file, name, count, meant) => {
    const found = of(operationsOf(file), name)
    expect(found.map(o => [o.verdict, o.differences, o.meant.map(d => d.id)])).toEqual(
      Array.from({ length: count }, () => ['same', [], meant]),
    )
    for (const o of found) for (const said of o.notCompared) expect(said).toMatch(/was not recorded$|was not probed/)
  })

  it('of pages that MADV_FREE had, reclaim is not compared where nothing tells which were written since, and says so', () => {
    const text = change.withoutMeasurements(textOf('free8.trace.txt'))
    const [operation] = of(operationsIn(text), 'madvise-pageout')
    expect([operation?.verdict, operation?.reason]).toEqual(['not-modelled', expect.stringMatching(/^MADV_FREE had/)])
  })

  it.each(['thp_split', 'k612-thp_split'])(
    'a munmap of a part of a huge page splits it first: two operations (%s)',
    file => {
      const found = operationsIn(change.splitByMunmap(textOf(`${file}.trace.txt`)))
      expect(found.map(o => `${o.name} ${o.verdict}`)).toEqual([
        'fault same',
        'munmap same',
        'thp-split same',
        'munmap same',
      ])
      expect(found[1]?.observed).not.toContain('split_pmd')
    },
  )

  it('of mprotect8: nothing is freed or gathered, and all pages are compared at each callback', () => {
    for (const o of of(operationsOf('mprotect8'), 'mprotect'))
      expect(o.claims.every(c => c.measured === 'holds')).toBe(true)
  })
})

describe('a recording that was tampered with', () => {
  const OUTSIDE = / mn_(invalidate_range|arch_invalidate_secondary_tlbs): .*open_seq=0/
  const rows: readonly (readonly [string, string, change.Transform, RegExp])[] = [
    ['mprotect8', 'mprotect', change.without(OUTSIDE), /the simulation has invalidate_range:outside/],
    ['k612-mprotect8', 'mprotect', change.without(/ flush_tlb_mm_range: /), /the simulation has cpu_flush/],
    ['mprotect8_smp', 'mprotect', change.without(/ mn_invalidate_range_start: /), /the simulation has start/],
    ['free8', 'madvise-free', change.without(OUTSIDE), /the simulation has invalidate_range:outside/],
    ['pageout4', 'madvise-pageout', change.without(/ flush_tlb_mm_range: /), /the simulation has cpu_flush/],
    [
      'pageout4',
      'madvise-pageout',
      change.without(/ mn_invalidate_range: .*open_seq=[1-9]/),
      /the simulation has invalidate_range/,
    ],
    ['move_pages4', 'migrate', change.without(/ mn_invalidate_range_end: /), /the simulation has end/],
    ['move_pages4', 'migrate', change.moved(/ mm_page_free: /, / try_to_migrate: /), /the recording has free_pages/],
    ['softdirty', 'clear-refs', change.without(/ flush_tlb_mm_range: /), /the simulation has cpu_flush/],
    ['fork_cow3', 'fork', change.without(/ flush_tlb_mm_range: .*start=0x0 end=0xf/), /the simulation has cpu_flush/],
    ['fork_cow3', 'fork', change.without(/ mn_invalidate_range: .*open_seq=5/), /the simulation has invalidate_range/],
    ['fork_cow3', 'fork', change.without(/ __pmd_alloc: /), /pt_alloc/],
    ['thp_split', 'thp-split', change.without(/ flush_tlb_mm_range: .*freed_tables=1/), /the simulation has cpu_flush/],
    ['k612-thp_split', 'thp-split', change.without(/ mn_arch.*open_seq=1/), /has arch_invalidate_secondary_tlbs/],
    ['free8', 'madvise-pageout', change.without(/ mn_invalidate_range: .*open_seq=3/), /has invalidate_range:inside/],
  ]

  it.each(rows)('%s: %s differs, and says where', (file, name, transform, sentence) => {
    const [operation] = of(operationsIn(transform(textOf(`${file}.trace.txt`))), name)
    expect([operation?.verdict, operation?.differences.join('; ')]).toEqual([
      'differs',
      expect.stringMatching(sentence),
    ])
  })
})
