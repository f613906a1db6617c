import { describe, expect, it } from 'vitest'
import { further, recordingOf } from '../trace/testing/recordings.ts'
import { conform } from './conform.ts'
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
  mremap_pmd: 'mremap, munmap',
  pageout4_smp: 'madvise-pageout',
  thp_munmap: 'munmap',
  truncate4: 'cow, madvise, madvise',
}

describe('recordings of kernels that the simulation was not made after', () => {
  it.each(further)('%s: every operation is simulated, and the same', file => {
    const report = conform(recordingOf(file), simulate, { file })
    const operations = report.steps.flatMap(s => s.operations).filter(o => o.name !== 'fault')
    const found = FOUND[file.replace('.trace.txt.gz', '')]
    if (found === undefined) expect([file.includes('two_threads'), operations.length > 15]).toEqual([true, true])
    else expect(operations.map(o => o.name).join(', ')).toBe(found)
    expect(operations.map(o => [o.verdict, o.reason, o.differences])).toEqual(operations.map(() => ['same', null, []]))
  })
})
