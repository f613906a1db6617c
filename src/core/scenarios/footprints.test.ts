import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf } from '../machine/cells.ts'
import { Accesses } from '../testing/accesses.ts'
import { orderMatters, stateAfter, strayAccesses, unforeseen } from '../testing/declarations.ts'
import { labOf } from '../testing/labs.ts'
import { anyVariant, labOfVariant, type Variant } from '../testing/variants.ts'
import { anyPicks } from '../testing/walks.ts'
import type { Part } from '../threads/footprint.ts'
import type { Lab } from './build.ts'
import { placesIn } from './places.ts'

const accessesOf = (lab: Lab): Accesses => new Accesses(lab, placesIn(lab))

/** A driver that waits between IOTLB and ATCs, and then queues the rest of its commands. */
const waitsBetween: Variant = {
  place: {
    scenario: 'atc',
    chosen: { kernel: '3.18', driver: 'naive', arch: 'x86', switches: { waitBetween: 'always' } },
  },
  twin: false,
  small: false,
  without: [],
}
const restIsSent = [
  186862, 51039, 0, 485087, 456310, 118550, 0, 249519, 660691, 562178, 182347, 641831, 342926, 0, 21983, 0, 0,
]

describe('what operations declare', () => {
  it('is all that they look at and change, wherever they go next; and what they need is when they can move', () => {
    fc.assert(
      fc.property(anyVariant, anyPicks, (variant, picks) => {
        const lab = labOfVariant(variant)
        expect(strayAccesses(lab, accessesOf(lab), picks)).toEqual([])
      }),
      { numRuns: 120, examples: [[waitsBetween, restIsSent]] },
    )
  })

  it('lets one foresee all that others may do as long as one stands still', () => {
    fc.assert(
      fc.property(anyVariant, anyPicks, fc.nat(), anyPicks, (variant, picks, still, more) => {
        const lab = labOfVariant(variant)
        const start = stateAfter(lab, picks)
        expect(unforeseen(lab, accessesOf(lab), start, still % lab.actors.length, more)).toEqual([])
      }),
      { numRuns: 120 },
    )
  })

  it('tells which moves can be made in either order', () => {
    fc.assert(
      fc.property(anyVariant, anyPicks, (variant, picks) => {
        const lab = labOfVariant(variant)
        expect(orderMatters(lab, accessesOf(lab), stateAfter(lab, picks))).toEqual([])
      }),
      { numRuns: 80 },
    )
  })
})

describe('a wrong declaration is found', () => {
  const lab = labOf('munmap-plain')
  const { pte } = lab.setup.resources

  /** The declarations with one thing changed in every part. */
  const wrong = (change: (part: Part) => Part): Accesses => {
    const { all, works } = placesIn(lab)
    return new Accesses(lab, { all: all.map(place => ({ ...place, touches: place.touches.map(change) })), works })
  }
  const found = (check: (picks: readonly number[]) => string[]): readonly string[] => {
    const all = new Set<string>()
    for (let seed = 1; seed <= 60; seed++) {
      let random = seed
      const picks = Array.from({ length: 60 }, () => (random = (random * 48271) % 2147483647))
      for (const complaint of check(picks)) all.add(complaint)
    }
    return [...all]
  }

  it('that leaves out a write', () => {
    const accesses = wrong(({ writes, ...part }) => ({ ...part, writes: (writes ?? []).filter(r => r !== pte(0)) }))
    expect(found(picks => strayAccesses(lab, accesses, picks))).toContain('CPU 0: write pte 0')
  })

  it('that says a walk only knows what it reads', () => {
    const accesses = wrong(({ reads = [], knows = [], ...part }) => ({
      ...part,
      reads: reads.filter(r => r !== pte(0)),
      knows: [...knows, ...reads.filter(r => r === pte(0))],
    }))
    // Nothing is touched in secret: but the order of such moves does matter.
    expect(found(picks => strayAccesses(lab, accesses, picks))).toEqual([])
    const m = copyOf(lab.initial)
    const until = (name: string, fn: string): void => {
      const actor = known(
        lab.actors.find(a => a.name === name),
        name,
      )
      while (!actor.op(m, 0).label.includes(fn)) actor.step(m, 0)
    }
    until('GPU 0', 'read the PTE entry for buf[0]')
    until('CPU 0', 'clear the PTE of buf[0]')
    expect(orderMatters(lab, accessesOf(lab), m)).toEqual([])
    expect(orderMatters(lab, accesses, m)).toContain(
      'CPU 0 (clear the PTE of buf[0]) and GPU 0 (read the PTE entry for buf[0])',
    )
  })

  it('that says a program never comes to a place', () => {
    const { all, works } = placesIn(lab)
    const shut = { on: [], holds: () => false }
    const accesses = new Accesses(lab, {
      all: all.map(place =>
        place.touches.some(part => part.writes?.includes(pte(0))) ? { ...place, only: [shut] } : place,
      ),
      works,
    })
    expect(found(picks => unforeseen(lab, accesses, lab.initial, 3, picks)).join()).toMatch(/pte 0/)
  })
})
