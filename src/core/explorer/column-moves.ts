import { lowest, popcount } from './bit-rows.ts'
import { setBit } from './fans.ts'
import type { Matrix } from './matrix.ts'
import type { Split } from './split.ts'
import { NOTHING, type Successors } from './successors.ts'

/** Moves of one actor that all lead from one shared part to one other, at most one for each column. */
interface Group {
  readonly shared: number
  /** Columns that have such a move, 32 a word; and by column where it leads. */
  readonly from: number[]
  readonly to: number[]
}

/** What is known of the moves from one shared part. */
interface Known {
  /** Columns whose moves are in the groups, and columns whose moves depend on more and must be asked for each state. */
  readonly grouped: number[]
  readonly single: number[]
  readonly groups: Group[]
}

/**
 * Moves of an actor that lives in the column. What it does depends on the shared part and the column, nearly always, so what it
 * does to a whole row of states is found by shared part.
 */
export class ColumnMoves {
  private readonly successors: Successors
  private readonly split: Split
  private readonly matrix: Matrix
  private readonly actor: number
  private readonly allowed: number
  private readonly known: Known[] = []
  transitions = 0

  /** `home`: the part the actor lives in. */
  constructor(successors: Successors, split: Split, matrix: Matrix, actor: number, home: number) {
    this.successors = successors
    this.split = split
    this.matrix = matrix
    this.actor = actor
    this.allowed = 1 | (1 << home)
  }

  /** Makes the actor's moves from every state of a row, and notes in `moved` who could move. */
  move(hub: number, prefix: number, bits: Uint32Array, moved: Uint32Array): void {
    const { pieces } = this.successors
    const known = this.knownFor(pieces.sharedOf(hub))
    const { grouped, single, groups } = known
    for (let w = 0; w < bits.length; w++) {
      const word = bits[w] as number
      for (let left = word & ~((grouped[w] ?? 0) | (single[w] ?? 0)); left !== 0; left &= left - 1)
        this.learn(known, 32 * w + lowest(left), hub, prefix)
      for (let left = word & (single[w] ?? 0); left !== 0; left &= left - 1)
        this.moveOne(hub, prefix, 32 * w + lowest(left), moved)
    }
    const near = pieces.nearOf(hub)
    for (let g = 0; g < groups.length; g++) this.moveGroup(groups[g] as Group, near, prefix, bits, moved)
  }

  private moveGroup(
    { shared, from, to }: Group,
    near: number,
    prefix: number,
    bits: Uint32Array,
    moved: Uint32Array,
  ): void {
    let row = -1
    const words = Math.min(bits.length, from.length)
    for (let w = 0; w < words; w++) {
      const here = (bits[w] as number) & (from[w] as number)
      if (here === 0) continue
      if (row < 0) row = this.matrix.row(this.successors.pieces.hubOf(shared, near), prefix)
      moved[w] = (moved[w] as number) | here
      this.transitions += popcount(here)
      for (let left = here; left !== 0; left &= left - 1) this.matrix.add(row, to[32 * w + lowest(left)] as number)
    }
  }

  private knownFor(shared: number): Known {
    const known = this.known[shared]
    if (known !== undefined) return known
    const none = { grouped: [], single: [], groups: [] }
    this.known[shared] = none
    return none
  }

  private learn(known: Known, column: number, hub: number, prefix: number): void {
    const { successors, split } = this
    const far = split.farOf(prefix, column)
    const start = successors.memo.start(this.actor, hub, far)
    const answer = start >>> 1
    if ((start & 1) === 1 || (answer !== NOTHING && (successors.touched(answer) & ~this.allowed) !== 0)) {
      setBit(known.single, column)
      return
    }
    setBit(known.grouped, column)
    if (answer === NOTHING) return
    successors.clear()
    successors.follow(answer, hub, far)
    for (let i = 0; i < successors.move.length; i++) {
      const to = split.columnOf(successors.far.at(i))
      this.matrix.columns(to + 1)
      const group = groupFor(known.groups, successors.pieces.sharedOf(successors.hub.at(i)), column)
      setBit(group.from, column)
      while (group.to.length <= column) group.to.push(0)
      group.to[column] = to
    }
  }

  private moveOne(hub: number, prefix: number, column: number, moved: Uint32Array): void {
    const { successors, split, matrix } = this
    const far = split.farOf(prefix, column)
    const answer = successors.memo.answer(this.actor, hub, far)
    if (answer === NOTHING) return
    successors.clear()
    successors.follow(answer, hub, far)
    const moves = successors.move.length
    this.transitions += moves
    moved[column >>> 5] = (moved[column >>> 5] as number) | (1 << (column & 31))
    for (let i = 0; i < moves; i++) {
      const to = successors.far.at(i)
      matrix.columns(split.columnOf(to) + 1)
      matrix.add(matrix.row(successors.hub.at(i), split.prefixOf(to)), split.columnOf(to))
    }
  }
}

/** The group for moves to a shared part in which the column has none yet. */
function groupFor(groups: Group[], shared: number, column: number): Group {
  const has = (group: Group): boolean => (((group.from[column >>> 5] ?? 0) >>> (column & 31)) & 1) === 1
  const found = groups.find(group => group.shared === shared && !has(group))
  if (found !== undefined) return found
  const group = { shared, from: [], to: [] }
  groups.push(group)
  return group
}
