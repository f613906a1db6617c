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

describe('verdicts', () => {
  const rows: readonly (readonly [file: string, name: string, count: number, meant: readonly string[]])[] = [
    ['mprotect8', 'mprotect', 3, []],
    ['mprotect8_smp', 'mprotect', 3, []],
    ['k612-mprotect8', 'mprotect', 3, []],
    ['thp_split', 'mprotect', 1, []],
    ['k612-thp_split', 'mprotect', 1, []],
    ['free8', 'madvise-free', 1, ['free-accessed']],
    ['softdirty', 'clear-refs', 1, ['clear-refs-call']],
  ]

  it.each(rows)('%s: %s, %i times the same', (file, name, count, meant) => {
    const found = of(operationsOf(file), name)
    expect(found.map(o => [o.verdict, o.differences, o.meant.map(d => d.id)])).toEqual(
      Array.from({ length: count }, () => ['same', [], meant]),
    )
    for (const o of found) for (const said of o.notCompared) expect(said).toMatch(/was not recorded$|was not probed/)
  })

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
    ['softdirty', 'clear-refs', change.without(/ flush_tlb_mm_range: /), /the simulation has cpu_flush/],
  ]

  it.each(rows)('%s: %s differs, and says where', (file, name, transform, sentence) => {
    const steps = conform(readRecording([transform(textOf(`${file}.trace.txt`))]), simulate).steps
    const [operation] = of(
      steps.flatMap(s => s.operations),
      name,
    )
    expect([operation?.verdict, operation?.differences.join('; ')]).toEqual([
      'differs',
      expect.stringMatching(sentence),
    ])
  })
})
