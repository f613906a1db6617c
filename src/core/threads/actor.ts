import type { Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'

export type ActorKind = 'cpu' | 'interrupt' | 'iommu' | 'device' | 'fault-worker' | 'rcu' | 'vcpu' | 'atc' | 'driver'

/** What an actor would do next. */
export interface OpFacts {
  readonly fn: string
  readonly file: string
  readonly stack: readonly string[]
  readonly phase: number | null
  readonly label: string
  readonly why: string
}

/** Somebody who can move. Its place in its work is in the machine; an actor itself remembers nothing. */
export interface Actor {
  readonly id: number
  readonly name: string
  readonly kind: ActorKind
  /** Timeline lane. */
  readonly lane: string
  /** In how many ways it can move now; 0 when it cannot. */
  readonly ready: (m: Machine) => number
  /** Why it cannot: blocked by what, held by whom. */
  readonly blocked: (m: Machine) => string
  /** Nothing left to do, or nothing asked of it. */
  readonly finished: (m: Machine) => boolean
  /** The next operation, as the given alternative would have it. */
  readonly op: (m: Machine, alternative: number) => OpFacts
  /** Runs it, in place. */
  readonly step: (m: Machine, alternative: number, emit?: Emit) => void
}
