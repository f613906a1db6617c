import { describe, expect, it } from 'vitest'
import { readRecording } from '../trace/import.ts'
import { further, recordingOf, textOf } from '../trace/testing/recordings.ts'
import { conform } from './conform.ts'
import { differences } from './differences.ts'
import { simulate } from './simulate.ts'

/** What each recording has, faults that bring pages in left out, in the order in which it begins. */
const FOUND: Readonly<Record<string, string>> = {
  collapse_few: 'collapse',
  free8_lazycpu: 'madvise-free, madvise-pageout',
  'k612-collapse_few': 'collapse',
  'k612-exit_live': 'exit',
  'k612-fork_cow3': 'fork, cow, cow, cow, cow, cow',
  'k612-free8': 'madvise-free, madvise-pageout',
  'k612-khugepaged': 'collapse',
  'k612-ksm4': 'ksm, ksm, ksm, ksm, cow',
  'k612-mbind4': 'migrate',
  'k612-memory_reclaim': 'reclaim, reclaim, reclaim',
  'k612-mmap_over': 'munmap',
  'k612-move_pages4': 'migrate',
  'k612-move_pages4_smp': 'migrate',
  'k612-mremap4': 'mremap, munmap',
  'k612-munmap_pinned': 'munmap, cow',
  'k612-munmap_shared_dirty': 'cow, munmap',
  'k612-pageout4': 'madvise-pageout',
  'k612-pageout4_smp': 'madvise-pageout',
  'k612-remove4': 'cow, madvise',
  'k612-softdirty': 'clear-refs',
  'k612-thp_mprotect': 'mprotect',
  ksm4: 'ksm, ksm, ksm, ksm, cow',
  mmap_over: 'munmap',
  pageout4_smp: 'madvise-pageout',
  thp_munmap: 'munmap',
  truncate4: 'cow, madvise, madvise',
}

const nameOf = (file: string): string => file.replace('.trace.txt.gz', '')

describe('recordings of kernels that the simulation was not made after', () => {
  it.each(further)('%s: every operation is simulated, and the same', file => {
    const report = conform(recordingOf(file), simulate, { file })
    const operations = report.steps.flatMap(s => s.operations).filter(o => o.name !== 'fault')
    const found = FOUND[nameOf(file)]
    if (found === undefined) expect([file.includes('two_threads'), operations.length > 5]).toEqual([true, true])
    else expect(operations.map(o => o.name).join(', ')).toBe(found)
    expect(operations.map(o => [o.verdict, o.reason, o.differences])).toEqual(operations.map(() => ['same', null, []]))
    const broken = operations.flatMap(o => o.claims.filter(c => c.measured === 'fails' || c.simulated === 'fails'))
    expect(broken).toEqual([])
    const meant = new Set(operations.flatMap(o => o.meant.map(d => d.id)))
    for (const { id, recording } of differences)
      if (recording === nameOf(file)) expect([id, meant.has(id)]).toEqual([id, true])
  })
})

const TOLD = / mn_(invalidate_range|arch_invalidate_secondary_tlbs): /
const OWN_FLUSH = /flush_tlb_func: .*from_cpu=0/
const FREED = / mm_page_free: .*order=0/
const START = / mn_invalidate_range_start: /

describe('one that was tampered with', () => {
  it.each([
    ['k612-move_pages4', 'migrate', TOLD],
    ['k612-move_pages4', 'migrate', / set_migration_pte: /],
    ['k612-move_pages4', 'migrate', START],
    ['k612-move_pages4_smp', 'migrate', TOLD],
    ['k612-collapse_few', 'collapse', TOLD],
    ['collapse_few', 'collapse', START],
    ['k612-pageout4', 'madvise-pageout', OWN_FLUSH],
    ['k612-pageout4_smp', 'madvise-pageout', TOLD],
    ['k612-ksm4', 'ksm', TOLD],
    ['ksm4', 'ksm', / mn_invalidate_range_end: /],
    ['k612-memory_reclaim', 'reclaim', TOLD],
    ['k612-mmap_over', 'munmap', TOLD],
  ])('is not the same when a line is missing: %s, %s, %s', (name, kind, line) => {
    const lines = textOf(`${name}.trace.txt.gz`).split('\n')
    // Of the operation itself: what comes before its step is another's.
    const step = lines.findIndex(l => /STEP (?!touch)/.test(l))
    const text = lines.toSpliced(
      lines.findIndex((l, i) => i > step && line.test(l)),
      1,
    )
    expect(verdictsOf(text.join('\n'), kind).some(v => v !== 'same')).toBe(true)
  })

  it.each([
    ['k612-move_pages4', 'migrate'],
    ['k612-collapse_few', 'collapse'],
    ['k612-pageout4_smp', 'madvise-pageout'],
    ['pageout4_smp', 'madvise-pageout'],
    ['k612-mmap_over', 'munmap'],
  ])('differs when a page is freed before anybody is told of it: %s', (name, kind) => {
    const lines = textOf(`${name}.trace.txt.gz`).split('\n')
    const told = lines.findLastIndex(l => TOLD.test(l))
    const freed = lines.findIndex((l, i) => i > lines.findIndex(k => START.test(k)) && FREED.test(l))
    const [line = ''] = lines.splice(freed, 1)
    const first = lines.findIndex(l => TOLD.test(l))
    lines.splice(Math.min(first, told), 0, line)
    const operations = operationsIn(lines.join('\n')).filter(o => o.name === kind)
    expect(operations.map(o => o.verdict)).toContain('differs')
    expect(operations.flatMap(o => o.claims.map(c => c.measured))).toContain('fails')
  })
})

const operationsIn = (text: string) => conform(readRecording([text]), simulate).steps.flatMap(s => s.operations)
const verdictsOf = (text: string, kind: string): string[] =>
  operationsIn(text).flatMap(o => (o.name === kind ? [o.verdict] : []))
