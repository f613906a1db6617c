import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { simulate } from '../core/conformance/simulate.ts'
import { createTraceReader, operationsShown } from './trace.ts'
import type { TraceReport } from './trace-api.ts'

const FILE = 'munmap4_lasttable.trace.txt'
const text = readFileSync(new URL(`../../public/traces/${FILE}`, import.meta.url), 'utf8')

function readerOf(contents: string) {
  const reader = createTraceReader(simulate)
  reader.begin(FILE)
  reader.feed(new TextEncoder().encode(contents))
  return reader
}

describe('the reader of recordings', () => {
  let report: TraceReport
  beforeAll(() => {
    report = readerOf(text).end()
  })

  it('says in which line each recorded phase stands', () => {
    const lines = report.more[2]?.phaseLines[0] ?? []
    const operation = report.steps[2]?.operations[0]
    expect(lines).toHaveLength(operation?.observed.length ?? 0)
    const all = text.split('\n')
    const at = (phase: string) => all[(lines[operation?.observed.indexOf(phase) ?? -1] ?? 0) - 1]
    expect(at('sys:munmap')).toContain('sys_munmap(')
    expect(at('start(UNMAP)')).toContain('mn_invalidate_range_start:')
    expect(at('free_pages')).toContain('mm_page_free:')
  })

  it('hands over what the callbacks measured: the pages unmapped, and not yet free', () => {
    const measured = report.more[2]?.measured ?? []
    expect(measured.map(m => [m.facts?.mapped, m.facts?.freed, m.seen?.references, m.seen?.entries])).toEqual([
      [4, 0, [1, 1], ['present']],
      [0, 0, [1, 1], ['none']],
      [0, 0, [1, 1], ['none']],
      [0, 0, [1, 1], ['none']],
    ])
  })

  it('shows the operations that differ first where not all can be shown, and leaves a short list as it is', () => {
    const verdicts = Array.from({ length: 250 }, (_, i) => ({ verdict: i >= 248 ? 'differs' : 'same' }) as const)
    const shown = operationsShown(verdicts)
    expect(shown).toHaveLength(200)
    expect(shown.slice(0, 4)).toEqual([248, 249, 0, 1])
    expect(operationsShown(verdicts.slice(240))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('gives any line of the text', () => {
    const reader = readerOf(text)
    reader.end()
    expect(reader.lines(3, 3)[0]?.text).toMatch(/entries-in-buffer/)
  })

  it('says in a few words what came of it', () => {
    expect(readerOf(text).judge()).toEqual({
      kernel: '6.1',
      verdict: 'same',
      operations: 2,
      note: '',
      meant: [],
      tablesFreed: 3,
    })
    const without = text.replace(/^.* mm_page_free: .*\n/m, '')
    expect(readerOf(without).judge()).toMatchObject({ verdict: 'differs', note: expect.stringContaining('free_') })
  })

  it('notices a file that was cut off', () => {
    expect(report.missing).toEqual([])
    const cut = readerOf(text.split('\n').slice(0, 100).join('\n')).end()
    expect(cut.missing).toEqual([expect.stringMatching(/announces 148 events and 88 are there/)])
  })
})
