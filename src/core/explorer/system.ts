/**
 * Something of which every run can be looked at: a state is a fixed number of words, and in each state some actors can move.
 * The explorer knows nothing else of it.
 */
export interface TransitionSystem {
  /** Words of a state. */
  readonly words: number
  readonly initial: Uint32Array
  /** Actors are numbered from 0. */
  readonly actors: number
  /** In how many ways the actor can move in this state; 0 when it cannot. Must not change the state. */
  readonly ways: (state: Uint32Array, actor: number) => number
  /** Moves it, in place. The same state and the same choice always lead to the same state. */
  readonly move: (state: Uint32Array, actor: number, way: number) => void
  /** The actor has nothing left to do, so it is no fault that it cannot move. */
  readonly done: (state: Uint32Array, actor: number) => boolean
}

/** A sentence about one state. `always` is refuted by one state, `sometimes` is shown by one. */
export interface Property {
  readonly id: string
  readonly sentence: string
  readonly expect: 'always' | 'sometimes'
  readonly holds: (state: Uint32Array) => boolean
}

/** Who moved, and in which of its ways. */
export interface Move {
  readonly actor: number
  readonly way: number
}

/** Where a search must stop, whatever it has found. */
export interface Budget {
  readonly states: number
  /** Bytes of the arena and its index together. */
  readonly bytes: number
}

/** How far a search has come. */
export interface Progress {
  readonly states: number
  readonly transitions: number
  /** Steps from the initial state to the states looked at now. */
  readonly depth: number
  /** States found and not yet looked at. */
  readonly frontier: number
  readonly bytes: number
}

/**
 * The answer, and nothing else can be one. `holds` and `never-seen` say that every state was looked at; a search that stopped
 * early is `out-of-budget` and says nothing about the rest. `deadlock`: somebody is not done, and nobody can move.
 */
export type Verdict = Progress &
  (
    | { readonly kind: 'holds' }
    | { readonly kind: 'violated'; readonly property: Property; readonly run: readonly Move[] }
    | { readonly kind: 'deadlock'; readonly run: readonly Move[] }
    | { readonly kind: 'never-seen'; readonly property: Property }
    | { readonly kind: 'out-of-budget' }
  )
