import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { copyOf, type Machine } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import { Run } from '../../runs/run.ts'
import { readSchedule } from '../../runs/schedule.ts'
import type { Lab } from '../../scenarios/build.ts'
import { keyOf } from '../../testing/enumerate.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, scenarioOf } from '../../testing/labs.ts'
import { movesIn } from '../../testing/walks.ts'
import { answerOfStudy } from '../study.ts'
import { costOf, type Figure, type LabCost, SAMPLES } from './cost-of.ts'
import { type Counts, countsAlong, countsAtStart } from './count.ts'
import { MEASURES } from './measures.ts'

const LIMITS = { states: 200_000, bytes: 2 ** 28 }
const costs = (lab: Lab, states = LIMITS.states): LabCost => answerOfStudy(costOf(lab, { ...LIMITS, states }))

const figuresOf = (cost: LabCost): { readonly id: string; readonly at: number; readonly figure: Figure }[] =>
  cost.figures.flatMap((figure, at) =>
    figure.absent === null ? [{ id: known(MEASURES[at], 'measure').id, at, figure }] : [],
  )

function endOf(lab: Lab, schedule: string): { readonly counts: Counts; readonly over: boolean } {
  const run = new Run(lab)
  for (const choice of readSchedule(schedule).steps) {
    expect(run.refusal(run.length, choice)).toBe('')
    run.push(choice)
  }
  const over = movesIn(lab, run.stateAt(run.length)).length === 0
  return { counts: known(countsAlong(run).at(-1), 'counts'), over }
}

interface Rest {
  readonly least: number
  readonly most: number
  readonly sum: bigint
  readonly runs: bigint
}

/** What all runs come to by one measure: followed one by one, those that stand alike and cost alike together; without a graph. */
function everyRun(lab: Lab, at: number): { readonly least: number; readonly most: number; readonly mean: number } {
  const found = new Map<string, Rest>()
  const measure = known(MEASURES[at], 'measure')
  const follow = (before: Machine, so: number): Rest => {
    const key = `${keyOf(before)} ${so}`
    const earlier = found.get(key)
    if (earlier !== undefined) return earlier
    const rests = movesIn(lab, before).map(({ actor, alternative }) => {
      const after = copyOf(before)
      const events: SimEvent[] = []
      known(lab.actors[actor], 'actor').step(after, alternative, e => events.push(e))
      if (measure.by === 'step') return follow(after, so + measure.of(lab, { before, events, after }))
      if (measure.total === 'peak') return follow(after, Math.max(so, measure.of(lab, after)))
      return follow(after, so + measure.of(lab, before))
    })
    const rest: Rest =
      rests.length === 0
        ? { least: so, most: so, sum: BigInt(so), runs: 1n }
        : {
            least: Math.min(...rests.map(r => r.least)),
            most: Math.max(...rests.map(r => r.most)),
            sum: rests.reduce((sum, r) => sum + r.sum, 0n),
            runs: rests.reduce((sum, r) => sum + r.runs, 0n),
          }
    found.set(key, rest)
    return rest
  }
  const { least, most, sum, runs } = follow(lab.initial, known(countsAtStart(lab, lab.initial)[at], 'a count'))
  return { least, most, mean: Number((sum * 10n ** 12n) / runs) / 1e12 }
}

const SMALL = scenarioOf({
  frames: 9,
  regions: [buf({ pages: 1 }), neighbour({ at: '0x100000001000' })],
  cpus: [app({ do: 'madvise-dontneed', region: 'buf' })],
  devices: [gpu({ do: 'write', page: 'buf[0]' })],
  iommu: { iotlb: 1, walkCache: 0, queue: 1 },
})

const PLACES: readonly (readonly [string, Chosen])[] = [
  ['munmap-forced-flush', { kernel: '3.18', driver: 'naive' }],
  ['munmap-forced-flush', { kernel: '3.18', driver: 'empty-table' }],
  ['munmap-page-table', { kernel: '3.18', driver: 'empty-table' }],
  ['munmap-page-table', { kernel: '6.6', arch: 'arm64' }],
  ['munmap-plain', { kernel: '6.1' }],
]

describe('over all runs', () => {
  it.each([{ kernel: '6.6' }, { kernel: '3.19' }] as const)(
    'least, mean and most are those of following every run: %o',
    chosen => {
      const lab = labOf(SMALL, chosen)
      const answer = costs(lab)
      expect(answer.coverage).toMatchObject({ kind: 'every', weighing: 'runs' })
      for (const { id, at, figure } of figuresOf(answer)) {
        const { least, most, mean } = everyRun(lab, at)
        expect([id, figure.least.value, figure.most.value]).toEqual([id, least, most])
        expect(figure.mean, id).toBeCloseTo(mean, 9)
      }
    },
  )

  it.each(PLACES)(
    'in %s %o, least ≤ mean ≤ most, the fair run lies between, and each run costs what is said',
    (id, chosen) => {
      const lab = labOf(id, chosen)
      const answer = costs(lab)
      expect(answer.coverage.kind).toBe('every')
      for (const { id: measure, at, figure } of figuresOf(answer)) {
        const { fair, least, mean, most } = figure
        const top = most.value ?? Number.POSITIVE_INFINITY
        expect([measure, least.value <= mean, mean <= top]).toEqual([measure, true, true])
        expect([measure, least.value <= fair.value, fair.value <= top]).toEqual([measure, true, true])
        for (const { value, schedule } of [fair, least, most]) {
          const end = endOf(lab, schedule)
          expect([measure, end.over]).toEqual([measure, true])
          if (value !== null) expect([measure, end.counts[at]]).toEqual([measure, value])
        }
      }
    },
  )

  it('where a device may try again for ever there is no most, and the run that shows it goes round twice', () => {
    const lab = labOf('munmap-forced-flush', { kernel: '3.18', driver: 'empty-table' })
    const answer = costs(lab)
    expect(answer.coverage).toMatchObject({ kind: 'every', weighing: 'even', runsLog2: null })
    const { at, figure } = known(
      figuresOf(answer).find(f => f.id === 'spurious-faults'),
      'spurious faults',
    )
    expect(figure.most.value).toBeNull()
    expect(endOf(lab, figure.most.schedule).counts[at]).toBeGreaterThanOrEqual(2)
    // What nobody can do twice has a most all the same.
    const commands = known(
      figuresOf(answer).find(f => f.id === 'cpu-flushes'),
      'flushes',
    )
    expect(commands.figure.most.value).toBe(2)
  })
})

describe('where not all runs can be counted', () => {
  const lab = labOf('munmap-forced-flush', { kernel: '3.18', driver: 'naive' })

  it('so many are sampled, the same ones each time, and they lie within the bounds', () => {
    const sampled = costs(lab, 1000)
    expect(sampled.coverage).toEqual({ kind: 'sampled', why: 'too-large', ...SAMPLES })
    expect(costs(lab, 1000)).toEqual(sampled)
    const exact = new Map(figuresOf(costs(lab)).map(({ id, figure }) => [id, figure]))
    for (const { id, at, figure } of figuresOf(sampled)) {
      const { least, most } = known(exact.get(id), id)
      expect([id, figure.least.value >= least.value]).toEqual([id, true])
      expect([id, (figure.most.value as number) <= (most.value as number)]).toEqual([id, true])
      expect(endOf(lab, figure.most.schedule).counts[at]).toBe(figure.most.value)
    }
  })
})

describe('across eras', () => {
  it('a munmap takes two invalidates of the IOMMU from 3.19 to 6.1 and one from 6.6 on, whoever moves when', () => {
    const commands = (kernel: '3.19' | '4.15' | '6.1' | '6.6') => {
      const { figure } = known(
        figuresOf(costs(labOf('munmap-plain', { kernel }))).find(f => f.id === 'iotlb-commands'),
        'commands',
      )
      return [figure.least.value, figure.most.value]
    }
    for (const kernel of ['3.19', '4.15', '6.1'] as const) expect(commands(kernel)).toEqual([2, 2])
    expect(commands('6.6')).toEqual([1, 1])
  })

  it('nothing is exposed past its free in a kernel that keeps I4, and something can be in one that does not', () => {
    const past = (kernel: '3.18' | '6.6') =>
      figuresOf(costs(labOf('munmap-forced-flush', { kernel }))).find(f => f.id === 'exposure-past-free')?.figure.most
        .value
    expect(past('6.6')).toBe(0)
    expect(past('3.18')).toBeGreaterThan(0)
  })
})
