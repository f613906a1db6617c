import { Edits } from './edits.ts'
import { Growing } from './growing.ts'
import { Memo, type Question, type Written } from './memo.ts'
import { Pieces } from './pieces.ts'
import type { Parts, Property, TransitionSystem } from './system.ts'

/** A move packs into one number. */
export const WAY_BITS = 16

/**
 * Moves of states in pieces, each asked of the model once for all states that agree in what it reads (memo.ts). An answer is
 * kept as the new shared part and what changes in local parts: a new part where the actor is at home, single bits elsewhere.
 */
export class Successors {
  readonly pieces: Pieces
  /** Where the moves of the last state lead, from 0 up to what `of` answered. */
  readonly move = new Growing(Uint32Array)
  readonly hub = new Growing(Uint32Array)
  readonly far = new Growing(Uint32Array)
  private readonly system: TransitionSystem
  private readonly parts: Parts
  private readonly memo: Memo
  private readonly next: Uint32Array
  /** By answer: how many moves; for each the move, the new shared part, how many changes; for each its local part and what to do. */
  private readonly answers = new Growing(Uint32Array)
  private readonly edits: Edits
  /** By hub: where its program begins, or 0. A program: how many actors; for each the actor and how to ask it, and a number. */
  private readonly programOf = new Growing(Uint32Array)
  private readonly programs = new Growing(Uint32Array)
  private readonly livesFar: readonly boolean[]

  constructor(system: TransitionSystem, parts: Parts, always: readonly Property[], sometimes: readonly Property[]) {
    this.system = system
    this.parts = parts
    this.pieces = new Pieces(system, parts)
    this.edits = new Edits(this.pieces)
    this.next = new Uint32Array(system.words)
    const moves = parts.homeOf.map(
      (home, actor): Question => ({ home, ask: (state, written) => this.askMoves(actor, home, state, written) }),
    )
    const judge: Question = { home: -1, ask: state => 1 + always.findIndex(p => !p.holds(state)) }
    const show: Question = {
      home: -1,
      ask: state => sometimes.reduce((bits, p, i) => bits | (p.holds(state) ? 1 << i : 0), 0),
    }
    this.memo = new Memo(system, parts, this.pieces, [...moves, judge, show])
    this.livesFar = parts.homeOf.map(home => parts.groupOf[home] === 1)
    this.answers.push(0)
    this.programs.push(0)
  }

  get bytes(): number {
    const kept = [this.pieces, this.memo, this.answers, this.edits, this.programOf, this.programs]
    return kept.reduce((sum, part) => sum + part.bytes, 0)
  }

  /** Finds where every move of the state leads, actor by actor: see `move`, `hub` and `far`. Answers how many there are. */
  of(hub: number, far: number): number {
    const { programs, memo } = this
    this.move.length = 0
    this.hub.length = 0
    this.far.length = 0
    let at = this.programFor(hub, far)
    const end = at + 1 + 2 * programs.at(at)
    for (at++; at < end; at += 2) {
      const entry = programs.at(at)
      const value = programs.at(at + 1)
      const actor = entry >>> 2
      const how = entry & 3
      const answer =
        how === HOW.settled
          ? value
          : how === HOW.tree
            ? memo.answerFrom(value, actor, hub, far)
            : memo.answer(actor, hub, far)
      if (answer !== NOTHING) this.follow(answer, hub, far)
    }
    return this.move.length
  }

  /** The first `always` that is broken there, or -1. */
  broken(hub: number, far: number): number {
    return this.memo.answer(this.system.actors, hub, far) - 1
  }

  /** The `sometimes` that are shown there, one bit each. */
  shown(hub: number, far: number): number {
    return this.memo.answer(this.system.actors + 1, hub, far)
  }

  /** How to ask each actor at this hub, made when it is first seen: most cannot move there, whatever the far parts are. */
  private programFor(hub: number, far: number): number {
    while (this.programOf.length <= hub) this.programOf.push(0)
    const made = this.programOf.at(hub)
    if (made !== 0) return made
    const program: number[] = []
    for (let actor = 0; actor < this.system.actors; actor++) {
      if (this.livesFar[actor]) {
        program.push((actor << 2) | HOW.home, 0)
        continue
      }
      const root = this.memo.rootAfterAsking(actor, hub, far)
      const settled = this.memo.settled(root)
      if (settled < 0) program.push((actor << 2) | HOW.tree, root)
      else if (settled !== NOTHING) program.push((actor << 2) | HOW.settled, settled)
    }
    const at = this.programs.length
    this.programs.push(program.length / 2)
    for (const word of program) this.programs.push(word)
    this.programOf.put(hub, at)
    return at
  }

  /** Applies an answer to the state. */
  private follow(answer: number, hub: number, far: number): void {
    const { answers, pieces } = this
    let at = answer
    const moves = answers.at(at++)
    const shared = pieces.sharedOf(hub)
    const near = pieces.nearOf(hub)
    for (let i = 0; i < moves; i++) {
      this.move.push(answers.at(at))
      const sharedTo = answers.at(at + 1)
      const changes = answers.at(at + 2)
      at += 3
      let nearTo = near
      let farTo = far
      for (let c = 0; c < changes; c++, at += 2) {
        const local = answers.at(at)
        const what = answers.at(at + 1)
        const slot = pieces.slotOf[local] as number
        const tuples = pieces.isFar[local] ? pieces.far : pieces.near
        const before = pieces.isFar[local] ? farTo : nearTo
        const row = (what & 1) === 0 ? what >>> 1 : this.edits.apply(what >>> 1, local, tuples.table.word(before, slot))
        const after = tuples.replace(before, slot, row)
        if (pieces.isFar[local]) farTo = after
        else nearTo = after
      }
      this.hub.push(sharedTo === shared && nearTo === near ? hub : pieces.hubOf(sharedTo, nearTo))
      this.far.push(farTo)
    }
  }

  private askMoves(actor: number, home: number, state: Uint32Array, written: Written): number {
    const { system, answers, next } = this
    const ways = system.ways(state, actor)
    if (ways === 0) return NOTHING
    const answer: number[] = [ways]
    for (let way = 0; way < ways; way++) {
      next.set(state)
      written.clear()
      system.move(next, actor, way)
      const changes = this.changesOf(home, state, written.bits)
      answer.push((actor << WAY_BITS) | way, this.pieces.sharedIn(next), changes.length / 2, ...changes)
    }
    const at = answers.length
    for (const word of answer) answers.push(word)
    return at
  }

  /** What the move changed in local parts: pairs of local part and what to do. */
  private changesOf(home: number, before: Uint32Array, written: Uint32Array): number[] {
    const changes: number[] = []
    for (let local = 0; local < this.pieces.locals.length; local++) {
      const words = this.pieces.wordsOfLocal(local)
      if (local === home) {
        if (words.some(w => before[w] !== this.next[w])) changes.push(local, 2 * this.pieces.localIn(this.next, local))
        continue
      }
      const edit = words.flatMap(w => {
        const bits = written[w] as number
        return bits === 0 ? [] : [w, bits, ((this.next[w] as number) & bits) >>> 0]
      })
      if (edit.length > 0) changes.push(local, 2 * this.edits.intern(edit) + 1)
    }
    return changes
  }
}

/** How an actor is asked at a hub: the answer is known; or a tree is to be followed; or its far home decides which. */
const HOW = { settled: 0, tree: 1, home: 2 } as const
/** The answer of whoever cannot move. */
const NOTHING = 0
