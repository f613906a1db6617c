import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { completionUnderWay } from '../machine/ats.ts'
import { type Column, copyOf, get, type Machine, set, watching } from '../machine/cells.ts'
import { USE } from '../machine/setup.ts'
import { LEAF_READ } from '../machine/shape.ts'
import { after } from '../testing/accesses.ts'
import { keyOf } from '../testing/enumerate.ts'
import { labOf } from '../testing/labs.ts'
import { anyVariant, labOfVariant, withTwin } from '../testing/variants.ts'
import { anyPicks, movesIn, picked } from '../testing/walks.ts'
import type { Lab } from './build.ts'
import { RULES } from './rules.ts'
import { scenarioById } from './scenario-list.ts'
import { Symmetry } from './symmetry.ts'

const canonical = (lab: Lab, m: Machine): Machine => {
  const named = copyOf(m)
  new Symmetry(lab).canonical(named)
  return named
}

function walked(lab: Lab, picks: readonly number[]): Machine {
  const m = copyOf(lab.initial)
  for (const pick of picks) {
    const choice = picked(lab, m, pick)
    if (choice !== undefined) known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
  }
  return m
}

/** Where the moves of a state lead, up to names. */
const futures = (lab: Lab, m: Machine): string[] =>
  movesIn(lab, m)
    .map(({ actor, alternative }) => keyOf(canonical(lab, after(lab, m, actor, alternative))))
    .sort()

/** Everything about a state that has nothing to do with names. */
const facts = (lab: Lab, m: Machine) => ({
  rules: RULES.map(rule => rule.violated(lab.setup, m)),
  warnings: RULES.map(rule => rule.warning(lab.setup, m) !== ''),
  finished: lab.actors.map(actor => `${actor.kind} ${actor.finished(m)} ${actor.ready(m)}`).sort(),
  frames: Array.from({ length: lab.setup.shape.sizes.frames }, (_, pfn) =>
    [lab.setup.shape.use, lab.setup.shape.purpose, lab.setup.shape.refcount].map(column => get(m, column, pfn)).join(),
  ).sort(),
})

/** The same state with other numbers for its frames, written without looking at how `Symmetry` does it. */
function renumbered(lab: Lab, m: Machine, order: readonly number[]): Machine {
  const { setup: s } = lab
  const { shape } = s
  const fixed = new Set([s.forgedTarget, ...s.fileFrame])
  const loose = Array.from({ length: shape.sizes.frames }, (_, pfn) => pfn).filter(pfn => !fixed.has(pfn as never))
  const shuffled = loose.map((pfn, i) => ({ pfn, by: order[i % order.length] ?? 0 })).sort((a, b) => a.by - b.by)
  const to = new Map(loose.map((pfn, i) => [pfn, known(shuffled[i], 'frame').pfn]))
  const other = (pfn: number): number => to.get(pfn) ?? pfn
  const next = copyOf(m)
  const each = (column: Column, count: number, change: (value: number) => number): void => {
    for (let i = 0; i < count; i++) set(next, column, i, change(get(m, column, i)))
  }
  const plusOne = (value: number): number => (value === 0 ? 0 : other(value - 1) + 1)
  each(shape.table, shape.table.length, plusOne)
  each(shape.pte, shape.pte.length, pte => (plusOne(pte >>> 2) << 2) | (pte & 3))
  each(shape.rcuList, get(m, shape.rcuCount, 0), other)
  each(shape.freeList, get(m, shape.freeCount, 0), other)
  for (const k of shape.cpus) each(k.gatherList, get(m, k.gatherCount, 0), v => (other(v >>> 1) << 1) | (v & 1))
  const span = 2 ** s.pfnBits
  for (const w of [...shape.cpus, shape.iommu, ...shape.ats]) {
    each(w.tlb, w.tlb.length, v =>
      v === 0 ? 0 : (Math.floor(v / span / 2) * span + other((v >>> 1) % span)) * 2 + (v & 1),
    )
    each(w.walkCache, w.walkCache.length, v => (v === 0 ? 0 : Math.floor(v / span) * span + other(v % span)))
  }
  for (const [device, { frame }] of shape.devices.entries()) if (completionUnderWay(s, m, device)) each(frame, 1, other)
  for (const walk of [...shape.cpus, ...shape.devices]) {
    const stage = get(m, walk.stage, 0)
    if (stage >= 1 && stage <= LEAF_READ) each(walk.frame, 1, other)
  }
  for (const column of [shape.refcount, shape.mapcount, shape.use, shape.purpose, shape.writer, shape.forged])
    for (let pfn = 0; pfn < shape.sizes.frames; pfn++) set(next, column, other(pfn), get(m, column, pfn))
  return next
}

/** The same state with two devices in each other's place. */
function exchanged(lab: Lab, m: Machine, a: number, b: number): Machine {
  const { devices, faultWorker } = lab.setup.shape
  const next = copyOf(m)
  const one = known(devices[a], 'device')
  const two = known(devices[b], 'device')
  for (const key of ['action', 'page', 'stage', 'frame', 'writable'] as const) {
    set(next, one[key], 0, get(m, two[key], 0))
    set(next, two[key], 0, get(m, one[key], 0))
  }
  const served = get(m, faultWorker.device, 0)
  if (get(m, faultWorker.pc, 0) !== 0 && (served === a || served === b))
    set(next, faultWorker.device, 0, served === a ? b : a)
  return next
}

const anyOrder = fc.array(fc.nat(), { minLength: 5, maxLength: 24 })

describe('the state that stands for all that differ in names', () => {
  it('has the same future as the state itself, and the same facts', () => {
    fc.assert(
      fc.property(anyVariant, anyPicks, (variant, picks) => {
        const lab = labOfVariant(variant)
        const m = walked(lab, picks)
        const named = canonical(lab, m)
        expect(facts(lab, named)).toEqual(facts(lab, m))
        expect(futures(lab, named)).toEqual(futures(lab, m))
        // Once is enough.
        expect(keyOf(canonical(lab, named))).toBe(keyOf(named))
      }),
      { numRuns: 150 },
    )
  })

  it('is the same whatever the frames are called; so is the future', () => {
    fc.assert(
      fc.property(anyVariant, anyPicks, anyOrder, (variant, picks, order) => {
        const lab = labOfVariant(variant)
        const m = walked(lab, picks)
        const other = renumbered(lab, m, order)
        expect(facts(lab, other)).toEqual(facts(lab, m))
        expect(futures(lab, other)).toEqual(futures(lab, m))
        expect(keyOf(canonical(lab, other))).toBe(keyOf(canonical(lab, m)))
      }),
      { numRuns: 150 },
    )
  })

  it('is the same whichever of two devices with one script is the first', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('munmap-plain', 'munmap-forced-flush', 'munmap-page-table', 'dontneed'),
        anyPicks,
        anyOrder,
        (id, picks, order) => {
          const lab = labOf(withTwin(known(scenarioById(id), id)))
          const m = walked(lab, picks)
          const other = exchanged(lab, renumbered(lab, m, order), 0, 1)
          expect(facts(lab, other)).toEqual(facts(lab, m))
          expect(futures(lab, other)).toEqual(futures(lab, m))
          expect(keyOf(canonical(lab, other))).toBe(keyOf(canonical(lab, m)))
        },
      ),
      { numRuns: 120 },
    )
  })

  it('does not swap devices that have different scripts', () => {
    const lab = labOf(withTwin(known(scenarioById('munmap-plain'), 'munmap-plain')))
    const devices = lab.scenario.devices.map((d, i) => ({ ...d, script: d.script.slice(i) }))
    const differ = labOf({ ...lab.scenario, devices })
    const m = after(
      differ,
      differ.initial,
      known(
        differ.actors.find(a => a.name === 'its twin'),
        'twin',
      ).id,
      0,
    )
    const key = (state: Machine): number[] => differ.setup.shape.devices.map(d => get(state, d.stage, 0))
    expect(key(canonical(differ, m))).toEqual(key(m))
  })
})

it('forgets only what nobody asks for: who wrote a frame last', () => {
  fc.assert(
    fc.property(anyVariant, anyPicks, (variant, picks) => {
      const lab = labOfVariant(variant)
      const { writer } = lab.setup.shape
      const asked: number[] = []
      const read = (word: number, bits: number): void => {
        for (let pfn = 0; pfn < writer.length; pfn++)
          if (writer.word[pfn] === word && (bits & (writer.mask << (writer.shift[pfn] as number))) !== 0)
            asked.push(pfn)
      }
      const m = walked(lab, picks)
      watching({ read, wrote: () => {} }, () => {
        for (const { actor, alternative } of movesIn(lab, m)) after(lab, m, actor, alternative)
        for (const rule of RULES) rule.violated(lab.setup, m)
      })
      expect(asked).toEqual([])
    }),
    { numRuns: 100 },
  )
})

it('makes one state of many: two frames that came back in one order or in the other', () => {
  const lab = labOf('munmap-forced-flush')
  const { freeList, freeCount, use } = lab.setup.shape
  const m = copyOf(lab.initial)
  const count = get(m, freeCount, 0)
  const [a, b] = [get(m, freeList, count - 1), get(m, freeList, count - 2)]
  expect([a, b].map(pfn => get(m, use, pfn))).toEqual([USE.free, USE.free])
  const other = copyOf(m)
  set(other, freeList, count - 1, b)
  set(other, freeList, count - 2, a)
  expect(keyOf(canonical(lab, other))).toBe(keyOf(canonical(lab, m)))
})
