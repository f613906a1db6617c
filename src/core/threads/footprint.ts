import type { Machine } from '../machine/cells.ts'
import type { Resource } from '../machine/resources.ts'

/*
 * What moves look at and change of what others look at and change too, written beside each operation. From it follows which moves
 * cannot get in each other's way, so that one order of them stands for all (docs/adr/0015).
 */

/** In which way a move has to do with a resource. */
export interface Touches {
  /** Depends on it. */
  readonly reads?: readonly Resource[]
  /** Depends on something being absent there: what only takes away does not matter to it. */
  readonly misses?: readonly Resource[]
  /** Changes it so that the order among all that merge does not matter: counts up or down, takes away. */
  readonly merges?: readonly Resource[]
  /** Changes it in any other way, or takes a lock. */
  readonly writes?: readonly Resource[]
  /** Looks at it, but at nothing there that somebody else could change before this move is made. */
  readonly knows?: readonly Resource[]
  /** Writes there only what nobody ever asks for. */
  readonly marks?: readonly Resource[]
}

/** A condition on resources: as long as nobody changes these, it stays as it is. */
export interface Condition {
  readonly on: readonly Resource[]
  readonly holds: (m: Machine) => boolean
}

/** Something that must be so before a move can be made, and how the move depends on it. */
export interface Need extends Condition {
  readonly as: 'reads' | 'misses' | 'knows'
}

/** A share of what a move touches. */
export interface Part extends Touches {
  /** It is touched only when, by the time of the move, this holds. */
  readonly only?: Condition
  /** Whether a move that is made from this very state touches it. Absent: as `only` says. */
  readonly now?: (m: Machine) => boolean
}

/** The move that is made from a place in somebody's work. */
export interface Footprint {
  /** All must hold before it can be made. */
  readonly needs: readonly Need[]
  /** All that it looks at and changes of what is not its own. */
  readonly touches: readonly Part[]
  /** The work comes to this place only when all of these hold. */
  readonly only: readonly Condition[]
  /** Whether the move, made from this state, may be part of a circle: of moves that lead back to where they began. */
  readonly circles: ((m: Machine) => boolean) | undefined
}

/** Only for others, who ask what may come later. */
export const later = (touches: Touches): Part => ({ ...touches, now: () => false })

/** Only when the move is made from this very state. */
export const atOnce = (touches: Touches, now: (m: Machine) => boolean = () => true): Part => ({
  ...touches,
  only: NEVER,
  now,
})

const NEVER: Condition = { on: [], holds: () => false }
