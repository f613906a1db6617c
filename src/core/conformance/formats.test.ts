import { describe, expect, it } from 'vitest'
import { readRecording } from '../trace/import.ts'
import * as format from '../trace/testing/formats.ts'
import { textOf } from '../trace/testing/recordings.ts'
import * as change from '../trace/testing/transform.ts'
import { conform } from './conform.ts'
import type { OperationReport } from './report.ts'
import { simulate } from './simulate.ts'

const reportOf = (text: string) => conform(readRecording([text]), simulate)
const operationsIn = (text: string) => reportOf(text).steps.flatMap(s => s.operations)
const verdicts = (text: string): string[] =>
  reportOf(text).steps.map(s => `${s.step}: ${s.operations.map(wordsOf).join(', ')}`)
const wordsOf = (o: OperationReport): string =>
  `${o.name} ${o.verdict}, ${o.observed.length} phases, not compared: ${o.notCompared.join(', ')}`

/** A flush on another CPU, a fork, and the other kernel. */
const files = ['dontneed8_smp', 'fork_cow3', 'k612-munmap4_lasttable'].map(f => `${f}.trace.txt`)

describe('the same recording, printed otherwise', () => {
  it.each([
    ['by trace-cmd report', format.traceCmd],
    ['in the latency format', format.latencyFormat],
    ['by trace-cmd report -l', format.traceCmdLatency],
    ['with cycles for a clock', format.cycles],
    ['with functions that the compiler has split', format.splitFunctions],
    ['with probes to which nobody gave a name', format.unnamedProbes],
    ['with the system before each name', format.withSystems],
    ['with four flags', format.fourFlags],
    ['without flags', format.noFlags],
  ])('%s: the same steps, operations and verdicts', (_, transform) => {
    for (const file of files) {
      const text = textOf(file)
      const other = transform(text)
      expect(other).not.toBe(text)
      expect([file, reportOf(other).problems]).toEqual([file, []])
      expect([file, verdicts(other)]).toEqual([file, verdicts(text)])
    }
  })
})

describe('a recording that does not show all', () => {
  const dontneed = textOf('dontneed8.trace.txt')
  const linesOf = (text: string) => text.split('\n')
  /** Takes away `count` lines from the first that matches, and says so as the kernel does. */
  const losing = (text: string, from: RegExp, count: number, said: string): string => {
    const all = linesOf(text)
    all.splice(
      all.findIndex(l => from.test(l)),
      count,
      said,
    )
    return all.join('\n')
  }

  it.each(['CPU:0 [LOST 12 EVENTS]', 'CPU:0 [LOST EVENTS]', 'CPU:0 [12 EVENTS DROPPED]'])(
    'is not judged where events were lost, and says so (%s)',
    said => {
      const operations = operationsIn(losing(dontneed, / tlb_finish_mmu: /, 12, said))
      const madvise = operations.filter(o => o.name === 'madvise')
      expect(madvise.map(o => [o.verdict, o.reason])).toEqual([
        ['not-modelled', expect.stringMatching(/^events of CPU 0 were lost in its course \(line \d+\)$/)],
      ])
      expect(new Set(madvise[0]?.claims.map(c => c.measured))).toEqual(new Set(['not measured']))
      expect(operations.filter(o => o.name === 'cow').map(o => o.verdict)).toEqual(['same'])
    },
  )

  it('is not judged where the files of single CPUs were put one after another, and says so', () => {
    const report = reportOf(format.perCpuFiles(textOf('dontneed8_smp.trace.txt')))
    expect(report.problems[0]?.message).toMatch(/^the events of CPU 1 begin here, at an earlier time/)
    const operations = report.steps.flatMap(s => s.operations)
    expect(new Set(operations.map(o => o.reason))).toEqual(
      new Set([expect.stringMatching(/^the order of lines is not that of time \(line \d+\)$/)]),
    )
  })

  it('is judged where the loss lies before or after', () => {
    const text = linesOf(dontneed)
    const at = text.findIndex(l => l.includes('sys_madvise('))
    const lost = [...text.slice(0, at), 'CPU:1 [LOST 3 EVENTS]', ...text.slice(at), 'CPU:0 [LOST 9 EVENTS]'].join('\n')
    expect(operationsIn(lost).map(o => `${o.name} ${o.verdict}`)).toEqual(
      operationsIn(dontneed).map(o => `${o.name} ${o.verdict}`),
    )
  })

  it('is not judged where it begins in the middle of a call', () => {
    for (const [file, first] of [
      ['munmap4', / tlb_gather_mmu: /],
      ['dontneed8', / unmap_page_range: /],
      ['mprotect8', / change_protection: /],
      ['fork_cow3', / copy_page_range: /],
    ] as const) {
      const text = linesOf(textOf(`${file}.trace.txt`))
      // Of another call something is recorded, so that calls were.
      const rest = [...text.slice(text.findIndex(l => first.test(l))), '  x-9 [000] ..... 999.000001: sys_mmap -> 0x0']
      const [operation] = operationsIn(rest.join('\n')).filter(o => o.name !== 'fault' && o.name !== 'cow')
      expect([file, operation?.verdict]).toEqual([file, 'not-modelled'])
    }
  })

  it('of fields is judged without what they would tell', () => {
    for (const [name, said] of [
      ['unmap_page_range', /^zaps: unmap_page_range with its fields was not recorded/],
      ['page_remove_rmap', /^mappings dropped: page_remove_rmap with its fields/],
      ['flush_tlb_mm_range', /^flushes asked for: /],
      ['flush_tlb_func', /^flushes on each CPU: /],
      ['mm_page_free', /^pages and tables freed: /],
    ] as const) {
      const bare = change.lines(line => line.replace(new RegExp(`( ${name}: ).*`), '$1'))
      const [, munmap] = operationsIn(bare(textOf('munmap4_smp.trace.txt')))
      expect([name, munmap?.verdict, munmap?.differences]).toEqual([name, 'same', []])
      expect(munmap?.notCompared).toContainEqual(expect.stringMatching(said))
    }
  })

  it('of returns is judged without them', () => {
    const operations = operationsIn(change.without(/ sys_\w+ -> /)(textOf('munmap4_smp.trace.txt')))
    expect(operations.map(o => `${o.name} ${o.verdict}`)).toEqual(['fault same', 'munmap same'])
    expect(operations[1]?.notCompared).toContainEqual(expect.stringMatching(/^returns of system calls: /))
  })

  it('to its end is judged as far as it goes, or not at all, wherever it ends', () => {
    for (const file of ['munmap4_smp', 'k612-munmap4_lasttable', 'mprotect8', 'brk']) {
      const text = linesOf(textOf(`${file}.trace.txt`))
      const whole = verdicts(text.join('\n')).join()
      let judged = 0
      for (let end = 20; end < text.length; end += Math.ceil(text.length / 16)) {
        for (const o of operationsIn(`${text.slice(0, end).join('\n')}\n${text[end]?.slice(0, 50)}`)) {
          expect([file, end, o.name, o.verdict, o.differences]).not.toContain('differs')
          for (const c of o.claims) expect([file, end, o.name, c.measured]).not.toContain('fails')
          if (o.verdict === 'same' && o.notCompared.some(n => n.startsWith('what comes after line'))) judged++
        }
      }
      expect([file, judged > 0, whole.includes('differs')]).toEqual([file, true, false])
    }
  })

  it('of system calls is judged by the work alone, and says so', () => {
    for (const [file, found] of [
      ['munmap4', 'munmap same'],
      ['dontneed8_smp', 'madvise same'],
      ['fork_cow3', 'fork same'],
      ['k612-munmap4_lasttable', 'munmap same'],
    ] as const) {
      const operations = operationsIn(change.without(/ sys_/)(textOf(`${file}.trace.txt`)))
      const [operation] = operations.filter(o => o.name !== 'fault')
      expect([file, `${operation?.name} ${operation?.verdict}`]).toEqual([file, found])
      expect(operation?.notCompared).toContainEqual(expect.stringMatching(/^the system call, .* was not recorded$/))
    }
  })

  it('of mprotect()’s call is not judged, but where end() shows that nobody is let in', () => {
    const operations = operationsIn(change.without(/ sys_/)(textOf('mprotect8.trace.txt')))
    const found = operations.filter(o => o.name === 'mprotect').map(o => `${o.verdict}: ${o.reason}`)
    const told = 'not-modelled: what protection was asked for is told only by the call'
    expect(found).toEqual([told, told, 'same: null'])
  })
})
