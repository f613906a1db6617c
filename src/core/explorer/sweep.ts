import { lowest, popcount } from './bit-rows.ts'
import { ColumnMoves } from './column-moves.ts'
import { Fans } from './fans.ts'
import { firstBit, Matrix, takeBits } from './matrix.ts'
import { Split } from './split.ts'
import { HOW, NOTHING, type Successors, successorsOf } from './successors.ts'
import type { Budget, Parts, Progress, Property, TransitionSystem } from './system.ts'
import { mirrorOf } from './twins.ts'

/** What a sweep can tell. It does not know how far away anything is. */
export type Swept = Progress &
  (
    | { readonly kind: 'holds' }
    | { readonly kind: 'never-seen'; readonly property: Property }
    /** Something is broken, or somebody is stuck: `explore` finds the shortest run to it. */
    | { readonly kind: 'something-found' }
    | { readonly kind: 'out-of-budget' }
  )

/** How a sweep may save work: one of two twins' images is kept; moves may be known from an earlier search. */
interface Options {
  readonly symmetry?: boolean
  readonly successors?: Successors
}

/** Hubs worked on between two answers to whoever drives. */
const SLICE = 64

/**
 * Visits every state, in no particular order. States that differ in far parts only lie together as bits of a matrix, so a move
 * that neither reads nor changes the last far part is made for a whole row of states at once, 32 of them a word. `parts` must
 * have a far part.
 */
export function* sweep(
  system: TransitionSystem,
  parts: Parts,
  properties: readonly Property[],
  budget: Budget,
  options: Options = {},
): Generator<Progress, Swept, void> {
  const work = new Sweep(system, parts, properties, options)
  let worked = 0
  for (let hub = work.takeHub(); hub >= 0; hub = work.takeHub()) {
    if (!work.hub(hub)) return { ...work.progress(), kind: 'something-found' }
    if (++worked % SLICE !== 0) continue
    const progress = work.progress()
    if (progress.states >= budget.states || progress.bytes > budget.bytes) return { ...progress, kind: 'out-of-budget' }
    yield progress
  }
  const { never } = work
  return never === undefined
    ? { ...work.progress(), kind: 'holds' }
    : { ...work.progress(), kind: 'never-seen', property: never }
}

class Sweep {
  private readonly system: TransitionSystem
  private readonly successors: Successors
  private readonly sometimes: readonly Property[]
  private readonly split: Split
  private readonly matrix: Matrix
  private readonly farActors: readonly number[]
  private readonly columnActors: readonly ColumnMoves[]
  private readonly columnParts: number
  private readonly farParts: number
  private readonly butColumns: number
  private readonly fans: Fans
  /** Rows of the hub that is worked on, hubs that all its states lead to, and one row of it or a piece of that. */
  private readonly rows: number[] = []
  private readonly targets: number[] = []
  private readonly pieces: Uint32Array[] = []
  private readonly changes: number[] = []
  private bits = new Uint32Array(1)
  private moved = new Uint32Array(1)
  private still = new Uint32Array(1)
  private readonly state: Uint32Array
  private unseen: number
  private done = 0
  private transitions = 0

  constructor(system: TransitionSystem, parts: Parts, properties: readonly Property[], options: Options) {
    this.sometimes = properties.filter(p => p.expect === 'sometimes')
    this.unseen = 2 ** this.sometimes.length - 1
    this.system = system
    this.state = new Uint32Array(system.words)
    this.successors = options.successors ?? successorsOf(system, parts, properties)
    const group = (part: number): number => parts.groupOf[part - 1] ?? 0
    const partsIn = (wanted: number): number[] => parts.groupOf.flatMap((g, i) => (g === wanted ? [i + 1] : []))
    const columns = partsIn(2).length > 0 ? partsIn(2) : partsIn(1).slice(-1)
    this.columnParts = bitsOf(columns)
    this.farParts = this.columnParts | bitsOf(partsIn(1))
    this.butColumns = (2 ** (parts.groupOf.length + 1) - 1) & ~this.columnParts
    this.split = new Split(this.successors.pieces, this.columnParts)
    this.matrix = new Matrix(options.symmetry ? mirrorOf(system, parts, this.successors.pieces, this.split) : undefined)
    this.fans = new Fans(this.successors.memo, this.split)
    const homes = parts.homeOf.map(home => home + 1)
    const actors = [...homes.keys()]
    const inColumn = (actor: number): boolean => (this.columnParts & (1 << (homes[actor] as number))) !== 0
    this.farActors = actors.filter(actor => group(homes[actor] as number) !== 0 && !inColumn(actor))
    this.columnActors = actors
      .filter(inColumn)
      .map(actor => new ColumnMoves(this.successors, this.split, this.matrix, actor, homes[actor] as number))
    const first = this.successors.first()
    this.add(first.hub, first.far)
  }

  progress(): Progress {
    const columns = this.columnActors.reduce((sum, actor) => sum + actor.transitions, 0)
    return {
      states: this.matrix.states,
      transitions: this.transitions + columns,
      depth: null,
      frontier: this.matrix.states - this.done,
      bytes: this.successors.bytes + this.split.bytes + this.matrix.bytes,
    }
  }

  /** A `sometimes` that no state has shown. */
  get never(): Property | undefined {
    return this.sometimes.find((_, i) => (this.unseen & (1 << i)) !== 0)
  }

  takeHub(): number {
    return this.matrix.takeHub()
  }

  /** Makes every move that is due at a hub. False when one of its states is broken, or stuck. */
  hub(hub: number): boolean {
    this.rows.length = 0
    // Far actors often stay at the same hub: first they go as far as they can, then all others move from there at once.
    for (let row = this.matrix.takeRow(hub); row >= 0; row = this.matrix.takeRow(hub)) {
      this.rows.push(row)
      this.moveFar(hub, row)
    }
    if (this.rows.length === 0) return true
    this.aim(hub)
    for (const row of this.rows) if (!this.moveNear(hub, row)) return false
    return true
  }

  /** Finds where moves lead that are the same for every state of the hub. */
  private aim(hub: number): void {
    const { successors, split, matrix } = this
    const { programs } = successors
    this.targets.length = 0
    this.fit()
    const far = split.farOf(matrix.prefixOf.at(this.rows[0] as number), matrix.anyColumn(this.rows[0] as number))
    let at = successors.programFor(hub, far)
    const end = at + 1 + 2 * programs.at(at)
    for (at++; at < end; at += 2) {
      const answer = programs.at(at + 1)
      if ((programs.at(at) & 3) !== HOW.settled || (successors.touched(answer) & this.farParts) !== 0) continue
      successors.clear()
      successors.follow(answer, hub, far)
      for (let i = 0; i < successors.move.length; i++) this.targets.push(successors.hub.at(i))
    }
  }

  private moveFar(hub: number, row: number): void {
    const { successors, split, matrix } = this
    this.fit()
    const { bits, moved } = this
    if (takeBits(matrix.dueFar, row, bits) === 0) return
    moved.fill(0)
    const prefix = matrix.prefixOf.at(row)
    const far = split.farOf(prefix, firstBit(bits))
    for (const actor of this.farActors) {
      const start = successors.memo.start(actor, hub, far)
      if ((start & 1) === 0) this.answerRow(start >>> 1, bits, hub, far)
      else this.treeRow(start >>> 1, actor, bits, hub, prefix)
    }
    for (const actor of this.columnActors) actor.move(hub, prefix, bits, moved)
    const base = row * this.matrix.movedFar.width
    for (let w = 0; w < moved.length; w++)
      this.matrix.movedFar.words.put(base + w, this.matrix.movedFar.words.at(base + w) | (moved[w] as number))
  }

  private moveNear(hub: number, row: number): boolean {
    this.fit()
    const { successors, split, matrix, bits, moved } = this
    // What has been added to this row just now waits until far actors have moved from there too.
    const due = takeBits(matrix.dueNear, row, bits, matrix.dueFar)
    if (due === 0) return true
    this.done += due
    const prefix = matrix.prefixOf.at(row)
    const far = split.farOf(prefix, firstBit(bits))
    if (!this.judge(hub, prefix, far)) return false
    const { programs } = successors
    const base = row * this.matrix.movedFar.width
    for (let w = 0; w < moved.length; w++) moved[w] = this.matrix.movedFar.words.at(base + w)
    for (const target of this.targets) this.orRow(this.matrix.row(target, prefix), bits)
    if (this.targets.length > 0) this.count(bits, this.targets.length)
    let at = successors.programFor(hub, far)
    const end = at + 1 + 2 * programs.at(at)
    for (at++; at < end; at += 2) {
      const entry = programs.at(at)
      const value = programs.at(at + 1)
      if ((entry & 3) === HOW.tree) this.treeRow(value, entry >>> 2, bits, hub, prefix)
      else if ((entry & 3) === HOW.settled && (successors.touched(value) & this.farParts) !== 0)
        this.answerRow(value, bits, hub, far)
    }
    return this.nobodyStuck(hub, prefix)
  }

  /** An answer that is good for all these states of a row. */
  private answerRow(answer: number, bits: Uint32Array, hub: number, far: number): void {
    if (answer === NOTHING) return
    const { successors, split } = this
    const shifts = (successors.touched(answer) & this.columnParts) !== 0
    successors.clear()
    successors.follow(answer, hub, far)
    const moves = successors.move.length
    for (let i = 0; i < moves; i++) {
      const row = this.matrix.row(successors.hub.at(i), split.prefixOf(successors.far.at(i)))
      if (shifts) this.shift(row, answer, i, bits)
      else this.orRow(row, bits)
    }
    this.count(bits, moves)
  }

  /** Adds the states of a row whose columns the move changes. */
  private shift(row: number, answer: number, nth: number, bits: Uint32Array): void {
    const { successors, split, matrix, changes } = this
    successors.changesOf(answer, nth, this.columnParts, changes)
    for (let w = 0; w < bits.length; w++) {
      for (let left = bits[w] as number; left !== 0; left &= left - 1) {
        let column = 32 * w + lowest(left)
        for (let c = 0; c < changes.length; c += 2) {
          const part = changes[c] as number
          const after = successors.changed(changes[c + 1] as number, part, split.rowIn(column, part))
          column = split.replaceIn(column, part, after)
        }
        matrix.columns(column + 1)
        matrix.add(row, column)
      }
    }
  }

  /**
   * An actor whose answer depends on more than the hub. What it looks at in the prefix is the same for the whole row; where it looks
   * at the column, the row is cut.
   */
  private treeRow(node: number, actor: number, bits: Uint32Array, hub: number, prefix: number, depth = 0): void {
    const { successors, split } = this
    const { memo } = successors
    const far = split.farOf(prefix, firstBit(bits))
    let at = memo.tree.descend(node, hub, far, this.butColumns)
    if (at < 0) {
      memo.answerFrom(node, actor, hub, far)
      at = memo.tree.descend(node, hub, far, this.butColumns)
    }
    if (memo.tree.isLeaf(at)) {
      this.answerRow(memo.tree.answerOf(at), bits, hub, far)
      return
    }
    const { children, masks } = this.fans.of(at, actor, hub, prefix, bits)
    for (let i = 0; i < children.length; i++) {
      const piece = this.piece(depth)
      if (and(bits, masks[i] as number[], piece))
        this.treeRow(children[i] as number, actor, piece, hub, prefix, depth + 1)
    }
  }

  private piece(depth: number): Uint32Array {
    let piece = this.pieces[depth]
    if (piece === undefined || piece.length !== this.bits.length) {
      piece = new Uint32Array(this.bits.length)
      this.pieces[depth] = piece
    }
    return piece
  }

  private orRow(row: number, bits: Uint32Array): void {
    for (let w = 0; w < bits.length; w++) if (bits[w] !== 0) this.matrix.or(row, w, bits[w] as number)
  }

  /** Notes that these states have moved in so many ways. */
  private count(bits: Uint32Array, moves: number): void {
    for (let w = 0; w < bits.length; w++) {
      this.moved[w] = (this.moved[w] as number) | (bits[w] as number)
      this.transitions += moves * popcount(bits[w] as number)
    }
  }

  private add(hub: number, far: number): void {
    const column = this.split.columnOf(far)
    this.matrix.columns(column + 1)
    this.matrix.add(this.matrix.row(hub, this.split.prefixOf(far)), column)
  }

  /** Rows may have become wider. */
  private fit(): void {
    const { width } = this.matrix
    if (this.bits.length === width) return
    this.bits = new Uint32Array(width)
    this.moved = new Uint32Array(width)
    this.still = new Uint32Array(width)
  }

  /** False when a state of the row breaks something. Notes what its states show. */
  private judge(hub: number, prefix: number, far: number): boolean {
    const { successors, split } = this
    const broken = successors.brokenAtHub(hub, far)
    if (broken !== undefined && broken >= 0) return false
    if (broken !== undefined && this.unseen === 0) return true
    return this.all(this.bits, column => {
      const state = split.farOf(prefix, column)
      if (this.unseen !== 0) this.unseen &= ~successors.shown(hub, state)
      return successors.broken(hub, state) < 0
    })
  }

  /** Whoever could not move in any way must be done, all of them. */
  private nobodyStuck(hub: number, prefix: number): boolean {
    const { bits, moved, still } = this
    let any = 0
    for (let w = 0; w < bits.length; w++) {
      still[w] = (bits[w] as number) & ~(moved[w] as number)
      any |= still[w] as number
    }
    return any === 0 || this.all(still, column => this.everybodyDone(hub, prefix, column))
  }

  private everybodyDone(hub: number, prefix: number, column: number): boolean {
    const { system, split, successors, state } = this
    successors.pieces.assemble(hub, split.farOf(prefix, column), state)
    for (let actor = 0; actor < system.actors; actor++) if (!system.done(state, actor)) return false
    return true
  }

  private all(row: Uint32Array, holds: (column: number) => boolean): boolean {
    for (let w = 0; w < row.length; w++) {
      for (let left = row[w] as number; left !== 0; left &= left - 1) if (!holds(32 * w + lowest(left))) return false
    }
    return true
  }
}

/** The bits of a row that are in a mask. False when there are none. */
function and(bits: Uint32Array, mask: readonly number[], into: Uint32Array): boolean {
  let any = 0
  for (let w = 0; w < bits.length; w++) {
    into[w] = (bits[w] as number) & (mask[w] ?? 0)
    any |= into[w] as number
  }
  return any !== 0
}

const bitsOf = (parts: readonly number[]): number => parts.reduce((bits, part) => bits | (1 << part), 0)
