import { describe, expect, it } from 'vitest'
import type { SimEvent } from '../machine/event.ts'
import { operationsOf } from '../trace/extract.ts'
import { readRecording } from '../trace/import.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import { recordingOf, samples, textOf } from '../trace/testing/recordings.ts'
import { asPfn } from '../units.ts'
import { conform } from './conform.ts'
import type { StepReport } from './report.ts'
import type { Simulate } from './simulated.ts'

/** A munmap as 6.1 does it, written down by hand: anonymous pages, one CPU, no table goes. */
function munmapBy(op: RecordedOperation): SimEvent[] {
  const range = op.range
  const frames = op.pages.map(p => p.pfn ?? asPfn(0))
  return [
    { type: 'syscall-entered', name: op.name, range },
    { type: 'mmap-lock-taken', mode: 'write' },
    { type: 'mmap-lock-downgraded' },
    { type: 'gather-started' },
    { type: 'invalidate-range-started', range, reason: 'UNMAP' },
    { type: 'zap-started', range },
    ...op.pages.flatMap(({ vpn }, i): SimEvent[] => {
      const pfn = frames[i] ?? asPfn(0)
      return [
        { type: 'pte-cleared', vpn, pfn, dirty: false },
        { type: 'rmap-removed', pfn, count: 1 },
        { type: 'page-gathered', pfn, count: 1 },
      ]
    }),
    { type: 'secondary-tlb-invalidate-called', range, site: 'by_end', tables: false },
    { type: 'invalidate-range-ended', range, reason: 'UNMAP' },
    { type: 'free-pgtables-started' },
    { type: 'tlb-finish-started', nested: false },
    { type: 'cpu-flush-started', range, freedTables: false },
    { type: 'cpu-tlb-flushed', cpu: 0, from: 0, range },
    { type: 'secondary-tlb-invalidate-called', range, site: 'outside', tables: false },
    ...frames.map((pfn): SimEvent => ({ type: 'page-freed', pfn, order: 0 })).reverse(),
    { type: 'mmap-lock-released' },
    { type: 'syscall-returned', name: op.name },
  ]
}

const simulateWith =
  (change: (events: SimEvent[]) => SimEvent[]): Simulate =>
  op =>
    change(munmapBy(op)).map(event => ({ cpu: 0, events: [event] }))

function stepOf(file: string, simulate: Simulate): StepReport {
  const step = conform(recordingOf(file), simulate, { file }).steps.at(-1)
  if (step === undefined) throw new Error('no step')
  return step
}

const MUNMAP4 = 'munmap4.trace.txt'

describe('a recording beside its simulation', () => {
  it('is the same when every phase is', () => {
    const step = stepOf(
      MUNMAP4,
      simulateWith(events => events),
    )
    expect([step.verdict, step.differences]).toEqual(['same', []])
    expect(step.simulated).toEqual(step.observed)
  })

  it('differs in one phase without making all that follows look different', () => {
    const freesEarly = simulateWith(events => {
      const freed = events.filter(e => e.type === 'page-freed')
      const others = events.filter(e => e.type !== 'page-freed')
      const end = others.findIndex(e => e.type === 'invalidate-range-ended')
      return [...others.slice(0, end), ...freed, ...others.slice(end)]
    })
    const step = stepOf(MUNMAP4, freesEarly)
    expect(step.verdict).toBe('differs')
    expect(step.differences).toEqual([
      'after phase 9 (invalidate_range:by_end): the simulation has free_pages x4, the recording has not',
      'phase 15: the recording has free_pages x4, the simulation has not',
    ])
  })

  it('differs in how often a phase comes', () => {
    const step = stepOf(MUNMAP4, op => [{ cpu: 0, events: munmapBy({ ...op, pages: op.pages.slice(1) }) }])
    expect(step.differences).toEqual([
      'phase 5: unmap+gather 4 times in the recording, 3 times in the simulation',
      'phase 15: free_pages 4 times in the recording, 3 times in the simulation',
    ])
  })

  it('is not modelled where the simulation has no such operation', () => {
    const report = conform(recordingOf('mprotect8.trace.txt'), () => [])
    expect(new Set(report.steps.map(s => s.verdict))).toEqual(new Set(['not-modelled']))
    expect(report.steps[2]?.observed).toContain('start(PROTECTION_VMA)')
    expect(stepOf(MUNMAP4, () => []).operations[0]?.rows[0]).toMatchObject({ simulated: null })
  })

  it('shows what was measured at each callback beside what was simulated', () => {
    const [operation] = stepOf(
      MUNMAP4,
      simulateWith(events => events),
    ).operations
    const facts = operation?.callbacks.map(c => {
      const show = (f: typeof c.measured): string =>
        f === null ? '-' : `${f.mapped}/${f.pages} mapped, ${f.freed} free`
      return `${c.callback}: ${show(c.measured)}; ${show(c.simulated)}; ${c.agree}`
    })
    expect(facts).toMatchInlineSnapshot(`
      [
        "start(UNMAP): 4/4 mapped, 0 free; 4/4 mapped, 0 free; true",
        "invalidate_range:by_end: 0/4 mapped, 0 free; 0/4 mapped, 0 free; true",
        "end: 0/4 mapped, 0 free; 0/4 mapped, 0 free; true",
        "invalidate_range:outside: 0/4 mapped, 0 free; 0/4 mapped, 0 free; true",
      ]
    `)
    expect(operation?.claims.map(c => [c.measured, c.simulated])).toEqual([
      ['holds', 'holds'],
      ['holds', 'holds'],
      ['holds', 'holds'],
      ['holds', 'holds'],
    ])
  })

  it('sees a simulation that frees before anyone was told', () => {
    const untold = simulateWith(events => events.filter(e => e.type !== 'secondary-tlb-invalidate-called'))
    const [operation] = stepOf(MUNMAP4, untold).operations
    expect(operation?.claims.map(c => c.simulated)).toEqual(['holds', 'fails', 'fails', 'fails'])
  })
})

describe('every recorded operation', () => {
  it.each(samples.map(s => [s.file] as const))('is the same as itself, and no claim about it fails (%s)', file => {
    const recording = recordingOf(file)
    // Those of the steps are asked for, in their order.
    const inStep = (i = 0): boolean => recording.steps.some(s => i >= s.from && i < s.to)
    const own = operationsOf(recording)
      .filter(o => inStep(o.events[0]))
      .values()
    const itself: Simulate = () =>
      (own.next().value?.events ?? []).flatMap(i => {
        const e = recording.events[i]
        return e === undefined ? [] : [{ cpu: e.cpu, events: [e.event] }]
      })
    for (const step of conform(recording, itself, { file }).steps) {
      expect(step.verdict).not.toBe('differs')
      for (const claim of step.operations.flatMap(o => o.claims)) expect(claim.measured).not.toBe('fails')
    }
  })

  it('is compared up to where the recording ends before the grace period', () => {
    const file = 'pv-munmap4_lasttable.trace.txt'
    const whole = recordingOf(file)
    const calls = operationsOf(whole).filter(o => o.input.name === 'munmap')
    const full = calls.flatMap(o => o.events.flatMap(i => whole.events[i] ?? []))
    const lines = textOf(file).split('\n')
    const cut = readRecording([
      lines
        .slice(
          0,
          lines.findIndex(line => line.includes('tlb_remove_table_rcu:')),
        )
        .join('\n'),
    ])
    const report = conform(cut, () => full.map(e => ({ cpu: e.cpu, events: [e.event] })), { file })
    expect(report.steps.at(-1)).toMatchObject({ verdict: 'same', differences: [] })
    expect(report.steps.at(-1)?.observed).not.toContain('rcu_callback')
  })
})
