import { describe, expect, it } from 'vitest'
import { operationsOf } from './extract.ts'
import type { RecordedOperation, SeenOperation } from './operation.ts'
import { recordingOf, samples } from './testing/recordings.ts'

const found = new Map<string, SeenOperation[]>()

/** The operations of a recording, looked for once for all tests. */
function seenIn(file: string): SeenOperation[] {
  const known = found.get(file) ?? operationsOf(recordingOf(file))
  found.set(file, known)
  return known
}

const inputsOf = (file: string): RecordedOperation[] => seenIn(file).map(o => o.input)

/** Pages go for good. */
const UNMAPS: readonly string[] = ['munmap', 'brk', 'madvise']

/** The only operation of a recording that drops pages. */
function only(file: string): RecordedOperation {
  const inputs = inputsOf(file).filter(i => UNMAPS.includes(i.name))
  expect(inputs).toHaveLength(1)
  const [input] = inputs
  if (input === undefined) throw new Error('no operation')
  return input
}

const summary = (i: RecordedOperation): string =>
  `${i.name} ${i.range.end - i.range.start} pages, ${i.pages.length} mapped (${i.pagesKnown})`

describe('what a recording tells the simulation', () => {
  it('is which pages of the range were mapped', () => {
    const found = samples
      .filter(s => s.steps.length > 0)
      .flatMap(s => inputsOf(s.file).map(i => `${s.file.replace('.trace.txt', '')}: ${summary(i)}`))
    expect(found).toMatchInlineSnapshot(`
      [
        "munmap4: fault 1 pages, 0 mapped (unknown)",
        "munmap4: fault 4 pages, 0 mapped (unknown)",
        "munmap4: munmap 4 pages, 4 mapped (seen)",
        "munmap4_lasttable: fault 4 pages, 0 mapped (unknown)",
        "munmap4_lasttable: munmap 4 pages, 4 mapped (seen)",
        "munmap4_smp: fault 4 pages, 0 mapped (unknown)",
        "munmap4_smp: munmap 4 pages, 4 mapped (seen)",
        "munmap4_lazycpu: fault 4 pages, 0 mapped (unknown)",
        "munmap4_lazycpu: munmap 4 pages, 4 mapped (seen)",
        "munmap_2m: fault 1273 pages, 0 mapped (unknown)",
        "munmap_2m: munmap 1280 pages, 160 mapped (seen)",
        "munmap_600: munmap 600 pages, 600 mapped (all)",
        "munmap_shared_dirty: fault 8 pages, 0 mapped (unknown)",
        "munmap_shared_dirty: munmap 8 pages, 8 mapped (seen)",
        "munmap_pinned: munmap 4 pages, 4 mapped (seen)",
        "brk: fault 4 pages, 0 mapped (unknown)",
        "brk: brk 6 pages, 2 mapped (seen)",
        "dontneed8: fault 8 pages, 0 mapped (unknown)",
        "dontneed8: madvise 8 pages, 8 mapped (seen)",
        "dontneed8: fault 1 pages, 0 mapped (unknown)",
        "dontneed8: cow 1 pages, 1 mapped (seen)",
        "dontneed8_smp: fault 8 pages, 0 mapped (unknown)",
        "dontneed8_smp: madvise 8 pages, 8 mapped (seen)",
        "dontneed8_smp: fault 1 pages, 0 mapped (unknown)",
        "dontneed8_smp: cow 1 pages, 1 mapped (seen)",
        "free8: fault 8 pages, 0 mapped (unknown)",
        "free8: madvise-free 8 pages, 8 mapped (seen)",
        "free8: madvise-pageout 8 pages, 8 mapped (seen)",
        "mprotect8: fault 8 pages, 0 mapped (unknown)",
        "mprotect8: mprotect 8 pages, 8 mapped (seen)",
        "mprotect8: mprotect 8 pages, 8 mapped (seen)",
        "mprotect8: mprotect 8 pages, 8 mapped (seen)",
        "mprotect8_smp: fault 8 pages, 0 mapped (unknown)",
        "mprotect8_smp: mprotect 8 pages, 8 mapped (seen)",
        "mprotect8_smp: mprotect 8 pages, 8 mapped (seen)",
        "mprotect8_smp: mprotect 8 pages, 8 mapped (seen)",
        "fork_cow3: fault 3 pages, 0 mapped (unknown)",
        "fork_cow3: fork 34358354722 pages, 36 mapped (number)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "fork_cow3: cow 1 pages, 1 mapped (seen)",
        "zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "mremap4: fault 4 pages, 0 mapped (unknown)",
        "mremap4: mremap 4 pages, 4 mapped (seen)",
        "mremap4: munmap 4 pages, 0 mapped (seen)",
        "thp_split: fault 1 pages, 0 mapped (unknown)",
        "thp_split: mprotect 4 pages, 4 mapped (seen)",
        "thp_split: thp-split 512 pages, 1 mapped (seen)",
        "thp_split: munmap 256 pages, 256 mapped (all)",
        "thp_split: munmap 256 pages, 256 mapped (all)",
        "thp_dontneed: fault 1 pages, 0 mapped (unknown)",
        "thp_dontneed: madvise 512 pages, 1 mapped (seen)",
        "pageout4: fault 4 pages, 0 mapped (unknown)",
        "pageout4: madvise-pageout 4 pages, 4 mapped (seen)",
        "move_pages4: fault 4 pages, 0 mapped (unknown)",
        "move_pages4: migrate 4 pages, 4 mapped (seen)",
        "softdirty: fault 4 pages, 0 mapped (unknown)",
        "softdirty: clear-refs 4503599627370496 pages, 212 mapped (number)",
        "exit_live: exit 34358319886 pages, 165 mapped (number)",
        "pv-munmap4_lasttable: fault 4 pages, 0 mapped (unknown)",
        "pv-munmap4_lasttable: munmap 4 pages, 4 mapped (seen)",
        "pv-munmap_2m: fault 1273 pages, 0 mapped (unknown)",
        "pv-munmap_2m: munmap 1280 pages, 160 mapped (seen)",
        "k612-munmap4: fault 4 pages, 0 mapped (unknown)",
        "k612-munmap4: munmap 4 pages, 4 mapped (seen)",
        "k612-munmap4_lasttable: fault 4 pages, 0 mapped (unknown)",
        "k612-munmap4_lasttable: munmap 4 pages, 4 mapped (seen)",
        "k612-dontneed8: fault 8 pages, 0 mapped (unknown)",
        "k612-dontneed8: madvise 8 pages, 8 mapped (seen)",
        "k612-dontneed8: fault 1 pages, 0 mapped (unknown)",
        "k612-dontneed8: cow 1 pages, 1 mapped (seen)",
        "k612-mprotect8: fault 8 pages, 0 mapped (unknown)",
        "k612-mprotect8: mprotect 8 pages, 8 mapped (seen)",
        "k612-mprotect8: mprotect 8 pages, 8 mapped (seen)",
        "k612-mprotect8: mprotect 8 pages, 8 mapped (seen)",
        "k612-zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "k612-zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "k612-zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "k612-zeropage_cow4: cow 1 pages, 1 mapped (seen)",
        "k612-thp_split: fault 1 pages, 0 mapped (unknown)",
        "k612-thp_split: mprotect 4 pages, 4 mapped (seen)",
        "k612-thp_split: thp-split 512 pages, 1 mapped (seen)",
        "k612-thp_split: munmap 256 pages, 256 mapped (all)",
        "k612-thp_split: munmap 256 pages, 256 mapped (all)",
        "large/munmap_11000.gz: munmap 11000 pages, 11000 mapped (all)",
      ]
    `)
  })

  it('is every eighth page, from the faults, where start() names eight only', () => {
    const { pages } = only('munmap_2m.trace.txt')
    expect(pages.map(p => p.vpn % 8)).toEqual(pages.map(() => 0))
    expect(pages.at(-1)?.vpn).toBe(0x100000000 + 8 * 159)
    expect(pages.every(p => p.pfn !== null)).toBe(true)
  })

  it('is which pages others hold on to', () => {
    expect(only('munmap_pinned.trace.txt').pages.map(p => p.otherReferences > 0)).toEqual([false, true, true, false])
    expect(only('munmap4.trace.txt').pages.every(p => p.otherReferences === 0)).toBe(true)
  })

  it('is which pages are dirty pages of a shared file', () => {
    expect(only('munmap_shared_dirty.trace.txt').pages.every(p => p.dirtyFile && p.otherReferences === 1)).toBe(true)
    expect(only('munmap_600.trace.txt').pages.some(p => p.dirtyFile)).toBe(false)
  })

  it('is a huge page, or the parts of one that was split', () => {
    expect(only('thp_dontneed.trace.txt').pages).toMatchObject([{ order: 9, partOf: null }])
    for (const i of inputsOf('thp_split.trace.txt').filter(i => i.name === 'munmap')) {
      expect(new Set(i.pages.map(p => `${p.order} ${p.partOf}`))).toEqual(new Set(['0 24064']))
    }
  })

  it('is the neighbourhood in which page tables may go', () => {
    const { tables } = only('munmap4_lasttable.trace.txt')
    expect(tables.bounds).toEqual([
      { range: { start: 0x100000000, end: 0x100000004 }, floor: 0x180f8, ceiling: 0x7ffe60717 },
    ])
    expect(tables.present.map(t => t.level).sort()).toEqual(['PMD', 'PTE', 'PUD'])
    expect(tables.unlinked).toEqual({ PTE: 1, PMD: 1, PUD: 1 })
  })

  it('is whether the mmap lock may be downgraded: on 6.1 not below the stack', () => {
    expect(only('munmap4.trace.txt').mayDowngrade).toBe(true)
    expect(only('munmap4_lasttable.trace.txt').mayDowngrade).toBe(false)
    expect(only('k612-munmap4_lasttable.trace.txt').mayDowngrade).toBe(true)
    expect(only('brk.trace.txt').mayDowngrade).toBe(false)
    expect(only('dontneed8.trace.txt').mayDowngrade).toBe(false)
  })

  it('agrees with what was recorded of that lock, though it does not look', () => {
    for (const s of samples) {
      const recording = recordingOf(s.file)
      for (const o of seenIn(s.file)) {
        const downgraded = o.events.some(i => recording.events[i]?.event.type === 'mmap-lock-downgraded')
        expect([s.file, o.input.range, o.input.mayDowngrade]).toEqual([s.file, o.input.range, downgraded])
      }
    }
  })

  it('is which other CPUs run the process, or did', () => {
    expect(only('munmap4_smp.trace.txt').otherCpus).toEqual([{ cpu: 1, state: 'running' }])
    expect(only('munmap4_lazycpu.trace.txt').otherCpus).toEqual([{ cpu: 1, state: 'lazy' }])
    expect(only('munmap4.trace.txt').otherCpus).toEqual([])
  })

  it('is that a KVM guest frees tables by RCU', () => {
    for (const s of samples) {
      for (const i of inputsOf(s.file)) expect([s.file, i.tablesFreedBy]).toEqual([s.file, s.guest ? 'rcu' : 'gather'])
    }
  })

  it('is whether single pages were probed', () => {
    const unrecorded = (file: string): string[] => only(file).unrecorded.map(u => u.by)
    expect(unrecorded('large/munmap_11000.trace.txt.gz')).toEqual(['page_remove_rmap', '__tlb_remove_page_size'])
    expect(unrecorded('munmap_600.trace.txt')).toEqual([])
  })
})
