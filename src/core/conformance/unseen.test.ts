import { describe, expect, it } from 'vitest'
import { readRecording } from '../trace/import.ts'
import { samples, textOf } from '../trace/testing/recordings.ts'
import * as change from '../trace/testing/transform.ts'
import { conform } from './conform.ts'
import type { OperationReport } from './report.ts'
import { simulate } from './simulate.ts'

/** Of page faults it depends on markers and on the allocator's events which are one operation: they are left out here. */
const operationsIn = (text: string): OperationReport[] =>
  conform(readRecording([text]), simulate).steps.flatMap(s => s.operations.filter(o => o.name !== 'fault'))

const verdicts = (text: string): string[] => operationsIn(text).map(o => `${o.name} ${o.verdict}`)

const unchanged = new Map<string, string[]>()
/** The verdicts on a recording as it is. */
function verdictsOn(file: string): string[] {
  const known = unchanged.get(file) ?? verdicts(textOf(file))
  unchanged.set(file, known)
  return known
}

/** Recordings with operations that are compared, without the longest, and of two alike one. */
const compared = samples
  .map(s => s.file)
  .filter(file => !/^large|_600|pv-munmap_2m|^thp_split/.test(file) && verdictsOn(file).length > 0)

/** One of each kind of operation and of each kernel. */
const short = compared.filter(file => !/_2m|thp_split|munmap4\.|lazycpu|mprotect8_smp|zeropage/.test(file))

const harmless: Readonly<Record<string, change.Transform>> = {
  'other addresses': change.otherAddresses,
  'other processes': change.otherPids,
  'other CPUs': change.otherCpus,
  'other frames': change.otherFrames,
  'another command name': change.otherTask,
  'carriage returns': change.carriageReturns,
  nanoseconds: change.nanoseconds,
  'a clock that counts': change.counter,
  'no steps': change.withoutSteps,
}

/** Each leaves something out; what is then not compared is said. */
const poorer: Readonly<Record<string, readonly [change.Transform, RegExp | null]>> = {
  'no probes on single pages': [change.withoutPageProbes, /^mappings dropped: page_remove_rmap was not recorded/],
  'no measurements': [change.withoutMeasurements, null],
  'no allocator': [change.withoutKmem, /^pages and tables freed: kmem:mm_page_free was not recorded/],
  'no module': [change.withoutModule, null],
  'no probes of locks': [change.without(/mmap_lock_/), /^the mmap lock: /],
  'no probes of flushes': [
    change.without(/ (flush_tlb_func|native_flush_tlb_multi|tlb_flush|call_function_\w+): /),
    /^flushes on each CPU: flush_tlb_func/,
  ],
}

describe('recordings of the same kinds that nobody has seen', () => {
  it.each(compared)('are the same as their simulation, all of these ways at once, like %s', file => {
    const all = Object.values(harmless).reduce((text, transform) => transform(text), textOf(file))
    expect(verdicts(all)).toEqual(verdictsOn(file))
  })

  it.each(['dontneed8_smp.trace.txt', 'k612-munmap4_lasttable.trace.txt'])('each of these ways, like %s', file => {
    const text = textOf(file)
    for (const [what, transform] of Object.entries(harmless)) {
      expect([what, verdicts(transform(text))]).toEqual([what, verdictsOn(file)])
    }
  })

  it.each(short)('are the same as far as they were recorded, like %s', file => {
    const text = textOf(file)
    for (const [what, [transform, said]] of Object.entries(poorer)) {
      // What was written since MADV_FREE is told by reports of single pages: kinds.test.ts.
      if (file.startsWith('free8') && /module|measurements/.test(what)) continue
      // Without the probes on single pages nobody knows what the mappings of a process had in them.
      if (file.startsWith('exit') && what === 'no probes on single pages') continue
      const operations = operationsIn(transform(text))
      const found = operations.map(
        o => `${o.name} ${o.verdict}${o.verdict === 'differs' ? o.differences.join('') : ''}`,
      )
      expect([what, found]).toEqual([what, verdictsOn(file)])
      if (said === null) continue
      const compared = operations.filter(o => o.verdict !== 'not-modelled')
      for (const o of compared) expect([what, o.notCompared.some(n => said.test(n))]).toEqual([what, true])
    }
  })

  it('are other recordings indeed', () => {
    const text = textOf('munmap4_smp.trace.txt')
    for (const [what, transform] of Object.entries(harmless))
      expect([what, transform(text) === text]).toEqual([what, false])
  })

  it('may follow one another in one text', () => {
    const body = (file: string): string[] =>
      textOf(file)
        .split('\n')
        .filter(line => !line.startsWith('#'))
    const both = [...body('dontneed8.trace.txt'), ...body('munmap4_smp.trace.txt'), ...body('brk.trace.txt')].join('\n')
    expect(verdicts(both)).toEqual(['madvise same', 'cow same', 'munmap same', 'brk same'])
  })

  it('may have a process of the same number and the same addresses when the first has exited', () => {
    const first = textOf('munmap4_smp.trace.txt')
    const pid = /mnwl-(\d+)/.exec(first)?.[1] ?? ''
    const second = textOf('munmap4_lasttable.trace.txt')
      .replace(/ (\d+)\.(\d{6}): /g, (_, s, us) => ` ${Number(s) + 1_000}.${us}: `)
      .replaceAll(/mm=(0x)?ffff8880\w+/g, 'mm=$1ffff88800abcd000')
      .replaceAll(/mnwl-\d+/g, `mnwl-${pid}`)
    const exit = `mnwl-${pid} [000] ..... 999.000000: sys_exit_group(error_code: 0)`
    const both = change.withoutSteps([first, exit, second].join('\n'))
    const operations = conform(readRecording([both]), simulate).steps.flatMap(s => s.operations)
    expect(operations.map(o => `${o.name} ${o.verdict}`)).toEqual([
      'fault same',
      'munmap same',
      'fault same',
      'munmap same',
    ])
  })
})

const OUTSIDE = / mn_(invalidate_range|arch_invalidate_secondary_tlbs): .*open_seq=0/
const tampered: readonly (readonly [string, change.Transform, RegExp])[] = [
  ['a callback is missing', change.without(OUTSIDE), /the simulation has \w+:outside, the recording has not/],
  [
    'a callback comes before the pages are unmapped',
    change.moved(OUTSIDE, / unmap_page_range: /),
    /the recording has \w+:outside, the simulation has not/,
  ],
  ['start() is missing', change.without(/ mn_invalidate_range_start: /), /the simulation has start\(\w+\)/],
  [
    'end() comes before the zap',
    change.moved(/ mn_invalidate_range_end: /, / unmap_page_range: /),
    /the recording has end/,
  ],
  [
    'the CPUs are not flushed',
    change.without(/ flush_tlb_mm_range: /),
    /the simulation has cpu_flush, the recording has not/,
  ],
  [
    'a page is freed twice',
    change.lines(line => (/mm_page_free: .*order=0/.test(line) ? `${line}\n${line}` : line)),
    /free_pages/,
  ],
]

describe('a recording that was tampered with', () => {
  it.each(tampered)('differs when %s', (_, transform, sentence) => {
    for (const file of [
      'munmap4.trace.txt',
      'munmap4_smp.trace.txt',
      'k612-munmap4.trace.txt',
      'k612-dontneed8.trace.txt',
    ]) {
      const text = textOf(file)
      const [operation] = operationsIn(transform(text))
      expect([file, operation?.verdict, operation?.differences.join('; ')]).toEqual([
        file,
        'differs',
        expect.stringMatching(sentence),
      ])
    }
  })

  it.each(['munmap4.trace.txt', 'dontneed8.trace.txt', 'k612-munmap4.trace.txt', 'munmap_pinned.trace.txt'])(
    'differs, and a claim fails, when a page is freed before the secondary TLBs are told (%s)',
    file => {
      const early = change.moved(/ mm_page_free: /, OUTSIDE)(textOf(file))
      const [operation] = operationsIn(early)
      expect(operation?.verdict).toBe('differs')
      expect(operation?.differences.join('; ')).toMatch(/the recording has free_pages, the simulation has not/)
      expect(operation?.claims.map(c => c.measured)).toContain('fails')
      expect(operation?.claims.map(c => c.simulated)).not.toContain('fails')
    },
  )
})
