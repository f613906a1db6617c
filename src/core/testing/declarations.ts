import { known } from '../base/assert.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import { Ample, TOUCH, touchesNow } from '../scenarios/ample.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Place } from '../scenarios/places.ts'
import { Symmetry } from '../scenarios/symmetry.ts'
import type { Part, Touches } from '../threads/footprint.ts'
import { type Accesses, after } from './accesses.ts'
import { keyOf } from './enumerate.ts'
import { movesIn, picked } from './walks.ts'

const ampleOf = (lab: Lab, { places }: Accesses): Ample => new Ample(lab.actors, places, lab.setup.resources.count)
const premise = (lab: Lab, m: Machine): boolean => (damageOf(lab.setup, m) & DAMAGE.freedTooEarly) === 0

/** Follows the picks from the initial state until a frame is freed too early, and says what was touched without having been declared. */
export function strayAccesses(lab: Lab, accesses: Accesses, picks: readonly number[]): string[] {
  const m = copyOf(lab.initial)
  for (const pick of picks) {
    const choice = premise(lab, m) ? picked(lab, m, pick) : undefined
    if (choice === undefined) return []
    const before = accesses.standing(m)
    const places = accesses.movesOf(m, choice.actor)
    const ways = known(lab.actors[choice.actor], 'actor').ready(m)
    if (places.length !== ways) return [`${ways} moves from ${places.length} places`]
    const from = known(places[choice.alternative], 'place')
    const stray = accesses.undeclared(m, choice.actor, choice.alternative)
    if (stray.length > 0) return stray
    for (const [work, at] of accesses.standing(m).entries()) {
      const same = String(at) === String(before[work])
      if (!same && !at.every(place => from.next.includes(place)))
        return [`from a place to another that is not next: ${at}`]
    }
  }
  return []
}

const KINDS = ['reads', 'misses', 'merges', 'writes'] as const

/** What a move touches that others can know of beforehand, by resource, as bits of TOUCH. */
function touched(m: Machine, { needs, touches }: Place): Map<number, number> {
  const bits = new Map<number, number>()
  const note = (kind: keyof typeof TOUCH, on: Touches['reads']): void => {
    for (const resource of on ?? []) bits.set(resource, (bits.get(resource) ?? 0) | TOUCH[kind])
  }
  for (const need of needs) if (need.as !== 'knows') note(need.as, need.on)
  const isLater = ({ only }: Part): boolean => only === undefined || only.on.length > 0 || only.holds(m)
  for (const part of touches) {
    if (!touchesNow(m, part) || !isLater(part)) continue
    for (const kind of KINDS) note(kind, part[kind])
  }
  return bits
}

/** What was foreseen, and what stands for more than was foreseen. */
const COVERED_BY: Readonly<Record<keyof typeof TOUCH, number>> = {
  reads: TOUCH.reads,
  misses: TOUCH.reads | TOUCH.misses,
  merges: TOUCH.merges | TOUCH.writes,
  writes: TOUCH.writes,
}

/** One actor stands still, others go on: what they do that was not foreseen. */
export function unforeseen(
  lab: Lab,
  accesses: Accesses,
  start: Machine,
  still: number,
  picks: readonly number[],
): string[] {
  const ahead = ampleOf(lab, accesses).foresee(start, still).slice()
  const m = copyOf(start)
  for (const pick of picks) {
    if (!premise(lab, m)) return []
    const others = movesIn(lab, m).filter(choice => choice.actor !== still)
    const choice = others[pick % Math.max(1, others.length)]
    if (choice === undefined) return []
    const place = known(accesses.movesOf(m, choice.actor)[choice.alternative], 'place')
    for (const [resource, bits] of touched(m, place)) {
      for (const kind of KINDS)
        if ((bits & TOUCH[kind]) !== 0 && ((ahead[resource] as number) & COVERED_BY[kind]) === 0)
          return [`${lab.actors[choice.actor]?.name} ${kind} ${lab.setup.resources.names[resource]}`]
    }
    known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
  }
  return []
}

/** Two moves that do not touch each other's things: do they lead to the same, whichever comes first? */
export function orderMatters(lab: Lab, accesses: Accesses, m: Machine): string[] {
  const symmetry = new Symmetry(lab)
  const named = (state: Machine): string => {
    const copy = copyOf(state)
    symmetry.canonical(copy, false)
    return keyOf(copy)
  }
  const everyAfter = (state: Machine, actor: number): { states: Machine[]; keys: string[] } => {
    const states = Array.from({ length: known(lab.actors[actor], 'actor').ready(state) }, (_, i) =>
      after(lab, state, actor, i),
    )
    return { states, keys: states.map(named) }
  }
  const stray: string[] = []
  for (const a of lab.actors) {
    for (const b of lab.actors) {
      if (a.id === b.id || a.ready(m) === 0 || b.ready(m) === 0 || clash(lab, accesses, m, a.id, b.id)) continue
      for (const first of everyAfter(m, b.id).states) {
        const then = everyAfter(first, a.id)
        for (const [i, one] of everyAfter(m, a.id).states.entries()) {
          const other = everyAfter(one, b.id)
          if (![...other.states, ...then.states, first, one].every(state => premise(lab, state))) continue
          const key = then.keys[i]
          if (key === undefined || !other.keys.includes(key))
            stray.push(`${a.name} (${a.op(m, i).label}) and ${b.name} (${b.op(m, 0).label})`)
        }
      }
    }
  }
  return stray
}

function clash(lab: Lab, accesses: Accesses, m: Machine, a: number, b: number): boolean {
  const at = (actor: number): Map<number, number>[] => accesses.movesOf(m, actor).map(place => touched(m, place))
  const against = { reads: 12, misses: 8, merges: 9, writes: 15 } as const
  // Who may choose among requests has more to choose from when one more comes in.
  const kinds = [lab.actors[a]?.kind, lab.actors[b]?.kind]
  if (kinds.includes('fault-worker') && kinds.includes('device')) return true
  return at(a).some(one =>
    at(b).some(other =>
      [...one].some(([resource, bits]) =>
        KINDS.some(kind => (bits & TOUCH[kind]) !== 0 && ((other.get(resource) ?? 0) & against[kind]) !== 0),
      ),
    ),
  )
}

/** The last state on the way along the picks in which no frame was freed too early. */
export function stateAfter(lab: Lab, picks: readonly number[]): Machine {
  const m = copyOf(lab.initial)
  for (const pick of picks) {
    const choice = picked(lab, m, pick)
    if (choice === undefined) break
    const next = after(lab, m, choice.actor, choice.alternative)
    if (!premise(lab, next)) break
    m.set(next)
  }
  return m
}
