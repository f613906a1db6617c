import { describe, expect, it } from 'vitest'
import { align, runsOf } from '../../core/conformance/align.ts'
import { pagesInWords, seenInWords, tablesInWords } from './measured.ts'
import { aloneRows, freedIn, gapOf, gapsOf, rowOfLine, stripOf } from './strip.ts'

const MUNMAP = [
  'sys:munmap',
  'start(UNMAP)',
  'zap',
  'unmap+gather',
  'unmap+gather',
  'end',
  'cpu_flush',
  'free_pages',
  'free_pages',
  'ret:munmap',
]
const LINES = MUNMAP.map((_, i) => 20 + i)
const strip = (simulated: readonly string[]) =>
  stripOf({ rows: align(MUNMAP, simulated), modelled: true, lines: LINES, measured: [], compared: [] })

describe('the strip', () => {
  it('shows the gap from the first page unmapped to the last one freed, on both sides', () => {
    const rows = strip(MUNMAP)
    expect(rows.filter(r => r.gap.observed).map(r => r.observed?.phase)).toEqual(['unmap+gather', 'end', 'cpu_flush'])
    expect(rows.every(r => r.gap.observed === r.gap.simulated)).toBe(true)
    expect([...gapsOf(rows)]).toEqual([[3, 3]])
  })

  it('keeps the gap open while anything waits, and lets one huge page end it', () => {
    const gap = (...phases: string[]) => gapOf(runsOf(phases)).map(Number).join('')
    expect(gap('unmap+gather', 'unlink+gather_table', 'free_tables', 'free_pages')).toBe('1110')
    expect(gap('unmap+gather', 'unmap+gather', 'end', 'free_pages(order=9)', 'ret')).toBe('1100')
    expect(gap('unmap+gather', 'ret:munmap')).toBe('11')
    expect(gap('sys', 'zap', 'free_pages', 'zap', 'free_pages', 'ret')).toBe('011100')
  })

  it('points at the first row that differs', () => {
    const rows = strip(MUNMAP.filter(p => p !== 'cpu_flush'))
    expect(rows.filter(r => r.first).map(r => [r.observed?.phase, r.verdict])).toEqual([['cpu_flush', 'only recorded']])
    expect(strip(MUNMAP).some(r => r.first)).toBe(false)
  })

  it('finds a row by the line of the recording', () => {
    const rows = strip(MUNMAP)
    expect(rows[rowOfLine(rows, 24)]?.observed?.phase).toBe('unmap+gather')
    expect(rowOfLine(rows, 3)).toBe(-1)
  })

  it('puts what was measured where it was measured', () => {
    const facts = { pages: 2, mapped: 2, freed: 0, tables: 3, tablesLinked: 3, tablesFreed: 0 }
    const rows = stripOf({
      rows: aloneRows(MUNMAP),
      modelled: false,
      lines: LINES,
      measured: [{ line: 21, facts, seen: null }],
      compared: [{ callback: 'end', number: 1, measured: null, simulated: facts, agree: null }],
    })
    expect(rows.filter(r => r.measured !== null).map(r => r.observed?.phase)).toEqual(['start(UNMAP)'])
    expect(rows.filter(r => r.compared !== null).map(r => r.observed?.phase)).toEqual(['end'])
    expect(rows.every(r => r.verdict === 'alone')).toBe(true)
  })

  it('counts what was freed', () => expect(freedIn(runsOf(MUNMAP))).toEqual({ pages: 2, tables: 0 }))
})

describe('what was measured, in words', () => {
  const facts = { pages: 4, mapped: 0, freed: 0, tables: 3, tablesLinked: 0, tablesFreed: 0 }
  it('tells unmapped from freed', () => {
    expect(pagesInWords({ ...facts, mapped: 4 })).toBe('4 of 4 mapped')
    expect(pagesInWords(facts)).toBe('4 of 4 unmapped, none freed')
    expect(pagesInWords({ ...facts, freed: 2 })).toBe('4 of 4 unmapped, 2 freed')
    expect(pagesInWords({ ...facts, freed: 4 })).toBe('4 of 4 freed')
    expect(tablesInWords(facts)).toBe('3 of 3 tables unlinked, none freed')
  })
  it('says of how many pages it speaks', () => {
    const seen = { pages: 2, entries: ['none'], references: [1, 2], mappings: [0, 0] } as const
    expect(seenInWords({ line: 1, facts, seen })).toBe('PTE none · refcount 1 to 2 · map count 0 (the first 2)')
  })
})
