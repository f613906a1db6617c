import { describe, expect, it } from 'vitest'
import { operationsOf } from './extract.ts'
import { foldPhases } from './fold.ts'
import { readRecording } from './import.ts'
import { kernelOf, secondaryNameOf } from './kernel.ts'
import { phasesOf } from './phases.ts'
import { WHOLE } from './steps.ts'
import { textOf } from './testing/recordings.ts'

/** Steps of a text as `name: phases`. */
function stepsOf(text: string): Record<string, string> {
  const recording = readRecording([text])
  const secondary = secondaryNameOf(kernelOf(recording.names))
  return Object.fromEntries(
    recording.steps.map(s => [
      s.name,
      foldPhases(phasesOf(recording.events.slice(s.from, s.to), secondary).map(p => p.name)),
    ]),
  )
}

/** Phases of each operation of a text, page faults left out. */
function operations(text: string): string[] {
  const recording = readRecording([text])
  const calls = operationsOf(recording).filter(o => o.input.name !== 'fault')
  return calls.map(o => foldPhases(phasesOf(o.events.flatMap(i => recording.events[i] ?? [])).map(p => p.name)))
}

const without = (text: string, pattern: RegExp): string =>
  text
    .split('\n')
    .filter(line => !pattern.test(line))
    .join('\n')

const MUNMAP4 = 'munmap 4 pages'
const munmap4 = textOf('munmap4.trace.txt')
const lastTable = textOf('munmap4_lasttable.trace.txt')
const smp = textOf('munmap4_smp.trace.txt')

describe('recordings of other machines', () => {
  it('may have other addresses, other processes and another pid', () => {
    const moved = munmap4
      .replaceAll('100000', '7e1234')
      .replaceAll('mnwl-', 'other-1')
      .replaceAll('ffff888004', 'ffff97a3c4')
    expect(stepsOf(moved)).toEqual(stepsOf(munmap4))
  })

  it('may have moved the direct map: a PMD table is then known by how it is queued', () => {
    const kaslr = lastTable.replaceAll('_table=0xffff8880', '_table=0xffff9c40')
    expect(stepsOf(kaslr)).toEqual(stepsOf(lastTable))
  })

  it('may have no markers at all', () => {
    const unmarked = stepsOf(without(munmap4, /tracing_mark_write/))
    expect(Object.keys(unmarked)).toEqual([WHOLE])
    expect(unmarked[WHOLE]?.endsWith(Object.values(stepsOf(munmap4)).join(' > '))).toBe(true)
    expect(operations(without(munmap4, /tracing_mark_write/))).toEqual(operations(munmap4))
  })

  it('may lack the probes on single pages', () => {
    const bare = without(munmap4, /page_remove_rmap|__tlb_remove_page_size/)
    expect(stepsOf(bare)[MUNMAP4]).toBe(stepsOf(munmap4)[MUNMAP4]?.replace(' > unmap+gather x4', ''))
  })

  it('may lack the notifier module: the kernel called the notifiers all the same', () => {
    expect(stepsOf(without(munmap4, / mn_/))[MUNMAP4]).toBe(stepsOf(munmap4)[MUNMAP4])
    expect(stepsOf(without(lastTable, / mn_/))).toEqual(stepsOf(lastTable))
  })

  it.each(['munmap4.trace.txt', 'munmap_shared_dirty.trace.txt', 'dontneed8.trace.txt', 'pageout4.trace.txt'])(
    'may lack the probes that tell by_end from inside (%s)',
    file => {
      const text = textOf(file)
      expect(stepsOf(without(text, /__mmu_notifier_/))).toEqual(stepsOf(text))
    },
  )

  it('may have other address spaces at work at the same time', () => {
    // The same munmap by a process nobody follows, its events between those of the followed one.
    const stranger = munmap4
      .split('\n')
      .filter(line => /^ +mnwl/.test(line) && !/tracing_mark_write| mn_|__mmu_notifier/.test(line))
      .map(line =>
        line
          .replace('mnwl-154', 'evil-999')
          .replaceAll('ffff8880048', 'ffff8881111')
          .replaceAll('tlb=0xffffc900', 'tlb=0xffffc911')
          .replace(/pfn=0x/g, 'pfn=0x9')
          .replace(/pfn=(\d)/g, (m, d) => (m === 'pfn=0' ? m : `pfn=9${d}`)),
      )
    const lines = munmap4.split('\n')
    const mixed = lines.flatMap((line, i) => [line, ...(i >= 13 ? [stranger[i - 13] ?? ''] : [])]).join('\n')
    expect(mixed).toContain('evil-999')
    expect(stepsOf(mixed)).toEqual(stepsOf(munmap4))
  })

  it('may have several operations in one step, each with its own events', () => {
    const one = operations(munmap4)[0]
    const body = (text: string): string[] => text.split('\n').filter(line => /^ +mnwl|^ +<idle>/.test(line))
    const twice = [...body(munmap4), ...body(munmap4)].filter(line => !/STEP/.test(line)).join('\n')
    expect(operations(twice)).toEqual([one, one])
  })

  it('may have threads on both CPUs at work: a flush belongs to the CPU that asked for it', () => {
    expect(operations(smp)[0]).toContain('ipi > cpu_flush_remote@cpu1 > invalidate_range:outside')
    const recording = readRecording([textOf('large/stress-5m.trace.txt.gz')])
    const seen = operationsOf(recording)
    for (const o of seen) {
      const events = o.events.flatMap(i => recording.events[i] ?? [])
      const entered = events.filter(e => e.event.type === 'syscall-entered')
      expect(entered).toHaveLength(o.input.inCall === null && o.input.name !== 'fault' ? 1 : 0)
      const opened = events.filter(e => e.event.type === 'invalidate-range-started').length
      expect(events.filter(e => e.event.type === 'invalidate-range-ended')).toHaveLength(opened)
    }
    const names = seen.map(o => o.input.name)
    expect([...new Set(names)].map(name => `${name} ${names.filter(n => n === name).length}`)).toEqual([
      'fault 194',
      'madvise 110',
      'mprotect 96',
      'munmap 185',
      'madvise-free 56',
      'mremap 38',
    ])
  })

  it('may end in the middle of an operation', () => {
    const lines = munmap4.split('\n')
    const cut = lines
      .slice(
        0,
        lines.findIndex(line => line.includes('tlb_finish_mmu:')),
      )
      .join('\n')
    const seen = operationsOf(readRecording([cut]))
    expect(seen.at(-1)).toMatchObject({ input: { name: 'munmap' }, cutShort: true })
  })
})
