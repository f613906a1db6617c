import type { Machine } from '../machine/cells.ts'
import type { Resource } from '../machine/resources.ts'
import type { Actor } from '../threads/actor.ts'
import type { Condition, Part, Touches } from '../threads/footprint.ts'
import type { Place, Places } from './places.ts'

/** How moves have to do with a resource, one bit each. */
export const TOUCH = { reads: 1, misses: 2, merges: 4, writes: 8 } as const
const CHANGES = TOUCH.merges | TOUCH.writes

/** By bit: what of others a move that touches a resource so cannot go with. */
const AGAINST = new Uint8Array(16)
AGAINST[TOUCH.reads] = CHANGES
AGAINST[TOUCH.misses] = TOUCH.writes
AGAINST[TOUCH.merges] = TOUCH.reads | TOUCH.writes
AGAINST[TOUCH.writes] = TOUCH.reads | TOUCH.misses | CHANGES

/** By place: nobody has come here; its move may be made; it cannot be made as things are; or not even be come to. */
const FAR = 0
const LIVE = 1
const WAITS = 2
const SHUT = 3

/**
 * Finds actors whose moves alone stand for all orders: whatever others may do before such a move, now or later, neither changes
 * nor is changed by it. Why that is enough, and what is counted on: docs/adr/0015.
 */
export class Ample {
  private readonly actors: readonly Actor[]
  private readonly places: Places
  /** By resource: what others may do to it while one actor stands still; and what they must not do. */
  private readonly ahead: Uint8Array
  private readonly against: Uint8Array
  private readonly state: Uint8Array
  /** By place: what others can know beforehand of its move. */
  private readonly marks: readonly Marks[]
  /** Places that wait or are shut, and parts of live places that would count if their condition held. */
  private readonly off: number[] = []
  private readonly idle: Maybe[] = []
  private readonly at: number[] = []
  private grown = false
  private clash = false

  constructor(actors: readonly Actor[], places: Places, resources: number) {
    this.actors = actors
    this.places = places
    this.ahead = new Uint8Array(resources)
    this.against = new Uint8Array(resources)
    this.state = new Uint8Array(places.all.length)
    this.marks = places.all.map(marksOf)
  }

  /** An actor whose moves stand for all orders from this state, or -1. Of several the one that comes last. */
  of(m: Machine): number {
    for (let id = this.actors.length - 1; id >= 0; id--) {
      if ((this.actors[id] as Actor).ready(m) > 0 && this.standsForAll(m, id)) return id
    }
    return -1
  }

  /** Do the moves of this actor, who can move, stand for all orders? */
  standsForAll(m: Machine, actor: number): boolean {
    this.against.fill(0)
    if (!this.demand(m, actor)) return false
    this.lookAhead(m, actor)
    return !this.clash
  }

  /** By resource: all that others may do to it as long as this actor makes no move, as bits of TOUCH. Good until the next call. */
  foresee(m: Machine, still: number): Uint8Array {
    this.against.fill(0)
    this.lookAhead(m, still)
    return this.ahead
  }

  /** Notes what others must not do if the actor's moves are to stand for all orders. False when they cannot: they may go in circles. */
  private demand(m: Machine, actor: number): boolean {
    for (const work of this.places.works) {
      const count = work(m, this.at)
      for (let i = 0; i < count; i++) {
        const place = this.places.all[this.at[i] as number] as Place
        if (place.actor !== actor || !canGo(m, place)) continue
        if (place.circles?.(m) === true) return false
        for (const need of place.needs) if (need.as !== 'knows') this.refuse(TOUCH[need.as], need.on)
        for (const part of place.touches) {
          if (part.now === undefined && part.only !== undefined) this.refuse(TOUCH.reads, part.only.on)
          if (!touchesNow(m, part)) continue
          this.refuse(TOUCH.reads, part.reads)
          this.refuse(TOUCH.misses, part.misses)
          this.refuse(TOUCH.merges, part.merges)
          this.refuse(TOUCH.writes, part.writes)
        }
      }
    }
    return true
  }

  private refuse(touch: number, on: readonly Resource[] | undefined): void {
    if (on === undefined) return
    for (const resource of on) this.against[resource] = (this.against[resource] as number) | (AGAINST[touch] as number)
  }

  /** Finds what others may come to do as long as this actor makes no move. Stops at the first thing they must not do. */
  private lookAhead(m: Machine, still: number): void {
    this.ahead.fill(0)
    this.state.fill(FAR)
    this.off.length = 0
    this.idle.length = 0
    this.clash = false
    for (const work of this.places.works) {
      const count = work(m, this.at)
      for (let i = 0; i < count && !this.clash; i++) this.visit(m, this.at[i] as number, still, WAITS)
    }
    do {
      this.grown = false
      for (let i = 0; i < this.off.length && !this.clash; i++) {
        const place = this.off[i] as number
        if (this.state[place] !== LIVE) this.visit(m, place, still, this.state[place] as number)
      }
      for (let i = 0; i < this.idle.length && !this.clash; i++) {
        const part = this.idle[i] as Maybe
        if (this.mayHold(m, part.only)) this.add(part.marks)
      }
    } while (this.grown && !this.clash)
  }

  /** Somebody's work may come to this place, if it is not shut. */
  private visit(m: Machine, at: number, still: number, as: number): void {
    const place = this.places.all[at] as Place
    if (place.actor === still) return
    if (this.state[at] === FAR) this.off.push(at)
    this.state[at] = as
    if (as === SHUT) for (const condition of place.only) if (!this.mayHold(m, condition)) return
    this.state[at] = WAITS
    for (const need of place.needs) if (!this.mayHold(m, need)) return
    this.state[at] = LIVE
    const { always, maybe } = this.marks[at] as Marks
    this.add(always)
    for (const part of maybe) {
      if (this.mayHold(m, part.only)) this.add(part.marks)
      else this.idle.push(part)
    }
    for (const next of place.next) if (!this.clash && this.state[next] === FAR) this.visit(m, next, still, SHUT)
  }

  /** It holds, or somebody may make it hold. */
  private mayHold(m: Machine, { on, holds }: Condition): boolean {
    for (const resource of on) if (((this.ahead[resource] as number) & CHANGES) !== 0) return true
    return holds(m)
  }

  private add(marks: Uint32Array): void {
    for (const mark of marks) {
      const resource = mark >>> 4
      const touch = mark & 15
      const before = this.ahead[resource] as number
      if ((before & touch) === touch) continue
      this.ahead[resource] = before | touch
      this.grown = true
      if (((this.against[resource] as number) & touch) !== 0) this.clash = true
    }
  }
}

/** Touches, packed: resource and bits of TOUCH. Always, and if a condition holds by then. */
interface Marks {
  readonly always: Uint32Array
  readonly maybe: readonly Maybe[]
}

interface Maybe {
  readonly only: Condition
  readonly marks: Uint32Array
}

function marksOf({ needs, touches }: Place): Marks {
  const always: number[] = []
  const maybe: Maybe[] = []
  for (const { as, on } of needs) if (as !== 'knows') always.push(...packed({ [as]: on }))
  for (const part of touches) {
    if (part.only === undefined) always.push(...packed(part))
    else maybe.push({ only: part.only, marks: Uint32Array.from(packed(part)) })
    if (part.now === undefined && part.only !== undefined) always.push(...packed({ reads: part.only.on }))
  }
  return { always: Uint32Array.from(new Set(always)), maybe }
}

const packed = ({ reads = [], misses = [], merges = [], writes = [] }: Touches): number[] => [
  ...reads.map(resource => (resource << 4) | TOUCH.reads),
  ...misses.map(resource => (resource << 4) | TOUCH.misses),
  ...merges.map(resource => (resource << 4) | TOUCH.merges),
  ...writes.map(resource => (resource << 4) | TOUCH.writes),
]

/** Everything that the move from this place waits for is there. */
export function canGo(m: Machine, { needs }: Place): boolean {
  for (const need of needs) if (!need.holds(m)) return false
  return true
}

/** A move made from this very state touches this. */
export const touchesNow = (m: Machine, { now, only }: Part): boolean =>
  now === undefined ? only === undefined || only.holds(m) : now(m)
