import { known } from '../../base/assert.ts'
import { get, type Machine } from '../../machine/cells.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Op } from '../../threads/program.ts'
import type { PageRange } from '../../units.ts'
import type { Moment } from './moments.ts'

const START = 'mmu_notifier_invalidate_range_start'
const END = 'mmu_notifier_invalidate_range_end'

/** Where a CPU stands with its start/end pair: `between` until end() is called, which is the first operation in there. */
export type Where = 'start' | 'between' | 'end' | 'outside'

interface Place {
  readonly where: Where
  /** The next operation is the first one of end(). */
  readonly callsEnd: boolean
  /** Place of the operation that opened the pair. */
  readonly opened: number
}

/** Pairs of each CPU, with their ranges, as learned from moments that come nearest first: start() is seen before what lies behind it. */
export class Pairs {
  private places: readonly (readonly Place[])[] | undefined
  /** By CPU and place in its program: the range that start() was called with there. */
  private readonly ranges = new Map<string, PageRange>()

  see({ lab, before, actor, events }: Moment): void {
    for (const e of events) {
      if (e.type === 'invalidate-range-started') this.ranges.set(`${actor} ${placeOf(lab, before, actor)}`, e.range)
    }
  }

  at(lab: Lab, m: Machine, cpu: number): Place & { readonly range: PageRange | undefined } {
    this.places ??= lab.programs.map(({ ops }) => placesIn(ops))
    const place = this.places[cpu]?.[placeOf(lab, m, cpu)] ?? OUTSIDE
    return { ...place, range: this.ranges.get(`${cpu} ${place.opened}`) }
  }
}

const OUTSIDE: Place = { where: 'outside', callsEnd: false, opened: -1 }

const placeOf = ({ setup }: Lab, m: Machine, cpu: number): number => get(m, known(setup.shape.cpus[cpu], 'CPU').pc, 0)

/** By place in a program. A pair is a stretch of it: nothing jumps in from outside. */
function placesIn(ops: readonly Op[]): Place[] {
  let opened = -1
  return ops.map((op, i) => {
    const before = ops[i - 1]
    if (within(op, START)) {
      if (!within(before, START)) opened = i
      return { where: 'start', callsEnd: false, opened }
    }
    if (within(op, END)) {
      const callsEnd = !within(before, END)
      return { where: callsEnd ? 'between' : 'end', callsEnd, opened }
    }
    if (within(before, END)) opened = -1
    return { where: opened < 0 ? 'outside' : 'between', callsEnd: false, opened }
  })
}

const within = (op: Op | undefined, fn: string): boolean => op?.stack.includes(fn) === true
