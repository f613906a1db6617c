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
  /**
   * An actor whose moves alone stand for all orders from this state, or -1: nothing that others can do before it moves depends on
   * what it does. It is a function of the state alone, and no circle of moves leads through such states only, so a search has
   * nothing else to see to. Only asked when partial order is to be used.
   *
   * Right for properties that last: what is broken or shown once stays so; not asked for others. And only as long as `premise` holds.
   */
  readonly ample?: (state: Uint32Array) => number
  /**
   * What `ample` counts on. A search that uses it and finds a state where this does not hold has to be made again without; if it
   * finds none, there is none.
   */
  readonly premise?: (state: Uint32Array) => boolean
  /**
   * Replaces the state, in place, by one that stands for all that differ only in names. It has the same moves, of the same actors
   * or of others that do the same, and the same properties. Only asked when symmetry is to be used.
   */
  readonly canonical?: (state: Uint32Array) => void
  /**
   * Bits by word that are records only: what they hold changes no move, but for other such bits, and none of these properties.
   * Only asked when they are to be left out.
   */
  readonly records?: (properties: readonly Property[]) => Uint32Array
  /**
   * The same with actors whose work repeats going round for as long as they like. It can do all that this system can, so what is
   * found nowhere in it is nowhere here. Absent: nobody's work repeats.
   */
  readonly rounds?: () => TransitionSystem
  /** How a state falls apart, for a search that remembers parts. Without it states are kept whole. */
  readonly parts?: Parts
}

/** A state as a shared part and several local ones, each of which comes again and again while the others change. */
export interface Parts {
  /** By word of a state: 0 for the shared part, n for local part n - 1. */
  readonly partOf: readonly number[]
  /**
   * By local part, for a search that lays states side by side. 0: near, it goes with the shared part. Far parts are laid out in a
   * matrix, 1 by rows and 2 by columns: best are parts that change much while the rest stands still, as columns those whose
   * actors look at little else.
   */
  readonly groupOf: readonly (0 | 1 | 2)[]
  /** By actor: the local part it lives in, which nearly all its moves look at; -1 when there is none. */
  readonly homeOf: readonly number[]
  /**
   * Two local parts, one in rows and one in columns, that could change places and nobody would notice: `swap` does it in a whole
   * state, with all that refers to them. A state and its swapped one have the same moves and properties, swapped.
   */
  readonly twins?: { readonly rows: number; readonly columns: number; readonly swap: (state: Uint32Array) => void }
  /** Runs `body`, in which `ways`, `move` or properties are asked, and tells of every access to a state. */
  readonly watch: (by: Witness, body: () => void) => void
}

/** Who is told which bits of which words are read and written. */
export interface Witness {
  read(word: number, bits: number): void
  wrote(word: number, bits: number): void
}

/** A sentence about one state. `always` is refuted by one state, `sometimes` is shown by one. */
export interface Property {
  readonly id: string
  readonly sentence: string
  readonly expect: 'always' | 'sometimes'
  readonly holds: (state: Uint32Array) => boolean
  /** What is broken or shown in one state may not be so in the next: then every order is looked at. */
  readonly passing?: true
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
  /** Steps from the initial state to the states looked at now. Null when they are looked at in no order. */
  readonly depth: number | null
  /** States found and not yet looked at. */
  readonly frontier: number
  readonly bytes: number
  /** Another search has begun, in which fewer states stand for all: nothing that was said before counts any more. */
  readonly anew?: true
}

/**
 * The answer, and nothing else can be one. `holds` and `never-seen` say that every state was looked at; a search that stopped
 * early is `out-of-budget` and says nothing about the rest. `deadlock`: somebody is not done, and nobody can move. A run is a
 * shortest one, unless `shortest` says that the search for a shorter one had to stop early. `endless`: it holds however often those
 * whose work repeats go round.
 */
export type Verdict = Progress &
  (
    | { readonly kind: 'holds'; readonly endless?: true }
    | {
        readonly kind: 'violated'
        readonly property: Property
        readonly run: readonly Move[]
        readonly shortest?: false
      }
    | { readonly kind: 'deadlock'; readonly run: readonly Move[]; readonly shortest?: false }
    | { readonly kind: 'never-seen'; readonly property: Property }
    | { readonly kind: 'out-of-budget' }
  )
