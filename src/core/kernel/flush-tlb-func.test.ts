import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { copyOf } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { type Chosen, labOf } from '../testing/labs.ts'
import { cpuViews } from '../view/translators.ts'

/* Two flushes that overtake each other, and what tlb_gen does about it. Every interleaving. */

const verdict = (chosen: Chosen, ...rules: string[]) => {
  const lab = labOf('flush-order', chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab, rules), { states: 200_000, bytes: 2 ** 28 }))
}

describe('flush_tlb_func()', () => {
  it.each([
    ['3.18', 'x86', {}, 'holds', 'holds'],
    ['4.15', 'x86', {}, 'holds', 'holds'],
    ['6.19', 'x86', {}, 'holds', 'holds'],
    ['6.6', 'arm64', {}, 'holds', 'holds'],
    ['6.6', 'x86', { partialFlush: 'any-generation' }, 'violated', 'violated'],
    // No TLBI is ever left out.
    ['6.6', 'arm64', { partialFlush: 'any-generation' }, 'holds', 'holds'],
  ] as const)(
    '%s, %s %o: all flushes up to the generation were made: %s; no freed frame is reached: %s',
    (kernel, arch, switches, i16, i1) => {
      const both = verdict({ kernel, arch, switches }, 'I16', 'I1')
      if (i16 === 'holds') return expect(both.kind).toBe('holds')
      expect(verdict({ kernel, arch, switches }, 'I16').kind).toBe(i16)
      expect(verdict({ kernel, arch, switches }, 'I1').kind).toBe(i1)
    },
  )

  /** CPU 2 has read left[0]; CPUs 0 and 1 have sent their requests, in this order; it takes the second one first. */
  function overtaken(partialFlush: string) {
    const lab = labOf('flush-order', { kernel: '6.6', switches: { partialFlush } })
    const m = copyOf(lab.initial)
    const until = (name: string, type: SimEvent['type'], alternative = 0): SimEvent[] => {
      const actor = known(
        lab.actors.find(a => a.name === name),
        name,
      )
      for (;;) {
        const events: SimEvent[] = []
        actor.step(m, alternative, e => void events.push(e))
        if (events.some(e => e.type === type)) return events
      }
    }
    until('CPU 2', 'cpu-accessed')
    until('CPU 0', 'ipi-sent')
    until('CPU 1', 'ipi-sent')
    const generations = () => cpuViews(lab, m)[2]?.tlbGen
    expect(generations()).toEqual({ local: 1, mm: 3 })
    const events = until('CPU 2 IPI', 'cpu-tlb-flushed', 1)
    expect(generations()).toEqual({ local: 3, mm: 3 })
    return { events, late: until('CPU 2 IPI', 'flush-known'), left: cpuViews(lab, m)[2]?.tlb.length }
  }

  it('drops everything when a flush has been overtaken, and then has nothing to do for that one', () => {
    const { events, late, left } = overtaken('next-generation')
    expect(events).toEqual([expect.objectContaining({ type: 'cpu-tlb-flushed', range: 'all' })])
    expect(late).toHaveLength(1)
    expect(left).toBe(0)
  })

  it('would keep the other page for good if it dropped its own only', () => {
    const { events, left } = overtaken('any-generation')
    expect(events.map(e => e.type)).toEqual(['cpu-tlb-flushed', 'generation-skipped'])
    expect(left).toBe(1)
  })
})
