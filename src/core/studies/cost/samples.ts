import { known } from '../../base/assert.ts'
import { copyOf } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import { encodeSchedule } from '../../runs/schedule.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Choice } from '../../threads/choice.ts'
import type { Study } from '../study.ts'
import { type Counts, countsAfter, countsAtStart } from './count.ts'

/** One sampled run that came to its end. */
export interface Sample {
  readonly counts: Counts
  readonly schedule: string
}

/** Steps after which a sampled run is given up: it does not count. */
const LONGEST = 2000

/** Runs in which every move that can be made is as likely as the others: `wanted` of them, always the same for a seed. */
export function* samplesOf(lab: Lab, wanted: number, seed: number): Study<readonly Sample[]> {
  const random = numbersFrom(seed)
  const samples: Sample[] = []
  for (let i = 0; i < wanted; i++) {
    if (i % 8 === 0) yield { doing: 'sampling runs', states: 0, done: i, of: wanted }
    const sample = oneRun(lab, random)
    if (sample !== null) samples.push(sample)
  }
  return samples
}

function oneRun(lab: Lab, random: (below: number) => number): Sample | null {
  let m = lab.initial
  let counts = countsAtStart(lab, m)
  const schedule: Choice[] = []
  while (schedule.length < LONGEST) {
    const moves = lab.actors.flatMap(actor =>
      Array.from({ length: actor.ready(m) }, (_, alternative): Choice => ({ actor: actor.id, alternative })),
    )
    if (moves.length === 0) return { counts, schedule: encodeSchedule(schedule) }
    const choice = known(moves[random(moves.length)], 'a move')
    const after = copyOf(m)
    const events: SimEvent[] = []
    known(lab.actors[choice.actor], 'actor').step(after, choice.alternative, event => events.push(event))
    counts = countsAfter(lab, counts, { before: m, events, after })
    schedule.push(choice)
    m = after
  }
  return null
}

/** Numbers that look random, the same for the same seed: Marsaglia's xorshift on 32 bits. */
function numbersFrom(seed: number): (below: number) => number {
  let x = Math.imul(seed, 0x9e3779b1) | 1
  return below => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return Math.floor(((x >>> 0) / 2 ** 32) * below)
  }
}
