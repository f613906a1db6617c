import { lowest } from './bit-rows.ts'
import type { Matrix } from './matrix.ts'
import type { Split } from './split.ts'
import { NOTHING, type Successors } from './successors.ts'

/** Moves of one actor that all lead from one shared part to one other: from which columns, and where to. */
interface Group {
  readonly shared: number
  readonly from: number[]
  readonly to: number[]
}

/** What is known of the moves from one shared part. */
interface Known {
  /** By column: 1 when its moves are in the groups, 2 when they depend on more and must be asked for each state. */
  readonly columns: number[]
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

  constructor(successors: Successors, split: Split, matrix: Matrix, actor: number, columnPart: number) {
    this.successors = successors
    this.split = split
    this.matrix = matrix
    this.actor = actor
    this.allowed = 1 | (1 << columnPart)
  }

  /** Makes the actor's moves from every state of a row, and notes in `moved` who could move. */
  move(hub: number, prefix: number, bits: Uint32Array, moved: Uint32Array): void {
    const { pieces } = this.successors
    const shared = pieces.sharedOf(hub)
    const near = pieces.nearOf(hub)
    this.learn(shared, hub, prefix, bits, moved)
    const { groups } = this.known[shared] as Known
    for (let g = 0; g < groups.length; g++) this.moveGroup(groups[g] as Group, near, prefix, bits, moved)
  }

  private moveGroup(group: Group, near: number, prefix: number, bits: Uint32Array, moved: Uint32Array): void {
    const { from, to } = group
    let row = -1
    for (let i = 0; i < from.length; i++) {
      const column = from[i] as number
      const w = column >>> 5
      const bit = 1 << (column & 31)
      if (((bits[w] as number) & bit) === 0) continue
      if (row < 0) row = this.matrix.row(this.successors.pieces.hubOf(group.shared, near), prefix)
      moved[w] = (moved[w] as number) | bit
      this.transitions++
      const target = to[i] as number
      this.matrix.or(row, target >>> 5, 1 << (target & 31))
    }
  }

  /** Sees to it that the columns of this row are known; makes the moves of those that depend on more. */
  private learn(shared: number, hub: number, prefix: number, bits: Uint32Array, moved: Uint32Array): void {
    let known = this.known[shared]
    if (known === undefined) {
      known = { columns: [], groups: [] }
      this.known[shared] = known
    }
    for (let w = 0; w < bits.length; w++) {
      for (let left = bits[w] as number; left !== 0; left &= left - 1) {
        const column = 32 * w + lowest(left)
        const how = known.columns[column]
        if (how === undefined) this.learnColumn(known, column, hub, prefix)
        if (known.columns[column] === 2) this.moveOne(hub, prefix, column, moved)
      }
    }
  }

  private learnColumn(known: Known, column: number, hub: number, prefix: number): void {
    const { successors, split } = this
    const far = split.farOf(prefix, column)
    const start = successors.memo.start(this.actor, hub, far)
    const answer = start >>> 1
    while (known.columns.length <= column) known.columns.push(undefined as unknown as number)
    if ((start & 1) === 1 || (answer !== NOTHING && (successors.touched(answer) & ~this.allowed) !== 0)) {
      known.columns[column] = 2
      return
    }
    known.columns[column] = 1
    if (answer === NOTHING) return
    successors.clear()
    successors.follow(answer, hub, far)
    for (let i = 0; i < successors.move.length; i++) {
      const shared = successors.pieces.sharedOf(successors.hub.at(i))
      let group = known.groups.find(g => g.shared === shared)
      if (group === undefined) {
        group = { shared, from: [], to: [] }
        known.groups.push(group)
      }
      const to = split.columnOf(successors.far.at(i))
      this.matrix.columns(to + 1)
      group.from.push(column)
      group.to.push(to)
    }
  }

  private moveOne(hub: number, prefix: number, column: number, moved: Uint32Array): void {
    const { successors, split, matrix } = this
    const far = split.farOf(prefix, column)
    successors.clear()
    successors.follow(successors.memo.answer(this.actor, hub, far), hub, far)
    const moves = successors.move.length
    if (moves === 0) return
    this.transitions += moves
    moved[column >>> 5] = (moved[column >>> 5] as number) | (1 << (column & 31))
    for (let i = 0; i < moves; i++) {
      const to = successors.far.at(i)
      matrix.columns(split.columnOf(to) + 1)
      matrix.add(matrix.row(successors.hub.at(i), split.prefixOf(to)), split.columnOf(to))
    }
  }
}
