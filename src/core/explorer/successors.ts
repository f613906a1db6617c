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
  readonly memo: Memo
  private readonly kept: Uint32Array
  private readonly next: Uint32Array
  /** By answer: how many moves, and which parts they change; for each the move and how many changes; for each its part, and row · 2 or edit · 2 + 1. */
  private readonly answers = new Growing(Uint32Array)
  private readonly byText = new Map<string, number>()
  private readonly edits: Edits
  /** By hub: where its program begins, or 0. A program: how many actors; for each the actor and how to ask it, and a number. */
  private readonly programOf = new Growing(Uint32Array)
  readonly programs = new Growing(Uint32Array)
  private readonly livesFar: readonly boolean[]

  /** `left`: bits by word that stay 0, whatever is written there. */
  constructor(
    system: TransitionSystem,
    parts: Parts,
    always: readonly Property[],
    sometimes: readonly Property[],
    left: Uint32Array = new Uint32Array(system.words),
  ) {
    this.kept = left.map(bits => ~bits)
    this.system = system
    this.pieces = new Pieces(system, parts)
    this.edits = new Edits(this.pieces)
    this.next = new Uint32Array(system.words)
    const moves = parts.homeOf.map(
      (home, actor): Question => ({
        home: home + 1,
        ask: (state, written) => this.askMoves(actor, state, written),
        settle: (answer, shared, row) => this.settle(answer, shared, home + 1, row),
      }),
    )
    const judge: Question = { home: 0, ask: state => 1 + always.findIndex(p => !p.holds(state)), settle: same }
    const show: Question = {
      home: 0,
      ask: state => sometimes.reduce((bits, p, i) => bits | (p.holds(state) ? 1 << i : 0), 0),
      settle: same,
    }
    this.memo = new Memo(system, parts, this.pieces, [...moves, judge, show])
    this.livesFar = parts.homeOf.map(home => (parts.groupOf[home] ?? 0) !== 0)
    this.answers.push(0)
    this.programs.push(0)
  }

  get bytes(): number {
    const kept = [this.pieces, this.memo, this.answers, this.edits, this.programOf, this.programs]
    return kept.reduce((sum, part) => sum + part.bytes, 0)
  }

  /** Finds where every move of the state leads, actor by actor: see `move`, `hub` and `far`. Answers how many there are. */
  of(hub: number, far: number): number {
    const { programs } = this
    this.clear()
    let at = this.programFor(hub, far)
    const end = at + 1 + 2 * programs.at(at)
    for (at++; at < end; at += 2) this.ask(programs.at(at), programs.at(at + 1), hub, far)
    return this.move.length
  }

  /** The initial state. */
  first(): { readonly hub: number; readonly far: number } {
    return this.pieces.take(this.system.initial.map((word, w) => word & (this.kept[w] as number)))
  }

  /** Forgets the moves found so far. */
  clear(): void {
    this.move.length = 0
    this.hub.length = 0
    this.far.length = 0
  }

  /** Adds the moves of one entry of the hub's program. */
  private ask(entry: number, value: number, hub: number, far: number): void {
    const how = entry & 3
    const answer =
      how === HOW.settled
        ? value
        : how === HOW.tree
          ? this.memo.answerFrom(value, entry >>> 2, hub, far)
          : this.memo.answer(entry >>> 2, hub, far)
    if (answer !== NOTHING) this.follow(answer, hub, far)
  }

  /** Parts that the moves of an answer change, one bit each. */
  touched(answer: number): number {
    return this.answers.at(answer + 1)
  }

  /** The first `always` that is broken there, or -1. */
  broken(hub: number, far: number): number {
    return this.memo.answer(this.system.actors, hub, far) - 1
  }

  /** As `broken`, for every state with this hub: undefined when far parts matter. */
  brokenAtHub(hub: number, far: number): number | undefined {
    const start = this.memo.startNear(this.system.actors, hub, far)
    return (start & 1) === 0 ? (start >>> 1) - 1 : undefined
  }

  /** The `sometimes` that are shown there, one bit each. */
  shown(hub: number, far: number): number {
    return this.memo.answer(this.system.actors + 1, hub, far)
  }

  /**
   * How to ask each actor at this hub, made when it is first seen: most cannot move there, whatever the far parts are. Answers
   * where it begins in `programs`.
   */
  programFor(hub: number, far: number): number {
    while (this.programOf.length <= hub) this.programOf.push(0)
    const made = this.programOf.at(hub)
    if (made !== 0) return made
    const program: number[] = []
    for (let actor = 0; actor < this.system.actors; actor++) {
      if (this.livesFar[actor]) {
        program.push((actor << 2) | HOW.home, 0)
        continue
      }
      const start = this.memo.startNear(actor, hub, far)
      if ((start & 1) === 1) program.push((actor << 2) | HOW.tree, start >>> 1)
      else if (start !== NOTHING) program.push((actor << 2) | HOW.settled, start >>> 1)
    }
    const at = this.programs.length
    this.programs.push(program.length / 2)
    for (const word of program) this.programs.push(word)
    this.programOf.put(hub, at)
    return at
  }

  /** Adds the moves of an answer, made from this state. */
  follow(answer: number, hub: number, far: number): void {
    const { answers, pieces } = this
    let at = answer
    const moves = answers.at(at)
    at += 2
    const shared = pieces.sharedOf(hub)
    const near = pieces.nearOf(hub)
    for (let i = 0; i < moves; i++) {
      this.move.push(answers.at(at))
      const changes = answers.at(at + 1)
      at += 2
      let sharedTo = shared
      let nearTo = near
      let farTo = far
      for (let c = 0; c < changes; c++, at += 2) {
        const part = answers.at(at)
        const what = answers.at(at + 1)
        if (part === 0) {
          sharedTo = this.changed(what, 0, shared)
          continue
        }
        const slot = pieces.slotOf[part] as number
        if (pieces.isFar[part])
          farTo = pieces.far.replace(farTo, slot, this.changed(what, part, pieces.far.table.word(farTo, slot)))
        else nearTo = pieces.near.replace(nearTo, slot, this.changed(what, part, pieces.near.table.word(nearTo, slot)))
      }
      this.hub.push(sharedTo === shared && nearTo === near ? hub : pieces.hubOf(sharedTo, nearTo))
      this.far.push(farTo)
    }
  }

  /** What one move of an answer does to these parts: pairs of part and what `changed` understands, put into `into`. */
  changesOf(answer: number, nth: number, parts: number, into: number[]): void {
    const { answers } = this
    into.length = 0
    let at = answer + 2
    for (let i = 0; i < nth; i++) at += 2 + 2 * answers.at(at + 1)
    const end = at + 2 + 2 * answers.at(at + 1)
    for (at += 2; at < end; at += 2)
      if ((parts & (1 << answers.at(at))) !== 0) into.push(answers.at(at), answers.at(at + 1))
  }

  /** What becomes of a row: a row of its own, or an edit of it. */
  changed(what: number, part: number, row: number): number {
    return (what & 1) === 0 ? what >>> 1 : this.edits.apply(what >>> 1, part, row)
  }

  /** Moves as edits: good for every state that agrees in what was read. */
  private askMoves(actor: number, state: Uint32Array, written: Written): number {
    const { system, next } = this
    const ways = system.ways(state, actor)
    if (ways === 0) return NOTHING
    const answer: number[] = [ways, 0]
    for (let way = 0; way < ways; way++) {
      next.set(state)
      written.clear()
      system.move(next, actor, way)
      const changes = this.editsOf(written.bits)
      for (let i = 0; i < changes.length; i += 2) answer[1] = (answer[1] as number) | (1 << (changes[i] as number))
      answer.push((actor << WAY_BITS) | way, changes.length / 2, ...changes)
    }
    return this.keepOnce(answer)
  }

  /** The same moves with the edits of the shared part and of the home done. */
  private settle(answer: number, shared: number, home: number, row: number): number {
    if (answer === NOTHING) return NOTHING
    const { answers } = this
    let at = answer
    const moves = answers.at(at)
    const settled: number[] = [moves, answers.at(at + 1)]
    at += 2
    for (let i = 0; i < moves; i++) {
      const changes = answers.at(at + 1)
      settled.push(answers.at(at), changes)
      at += 2
      for (let c = 0; c < changes; c++, at += 2) {
        const part = answers.at(at)
        const what = answers.at(at + 1)
        const known = part === 0 || part === home
        settled.push(part, known ? 2 * this.changed(what, part, part === 0 ? shared : row) : what)
      }
    }
    return this.keep(settled)
  }

  /** Equal answers get the same number. */
  private keepOnce(answer: readonly number[]): number {
    const text = answer.join(' ')
    const at = this.byText.get(text) ?? this.keep(answer)
    this.byText.set(text, at)
    return at
  }

  private keep(answer: readonly number[]): number {
    const at = this.answers.length
    for (const word of answer) this.answers.push(word)
    return at
  }

  /** What was written, part by part: pairs of part and edit · 2 + 1. */
  private editsOf(written: Uint32Array): number[] {
    return this.pieces.wordsOf.flatMap((words, part) => {
      const edit = words.flatMap(w => {
        const bits = ((written[w] as number) & (this.kept[w] as number)) >>> 0
        return bits === 0 ? [] : [w, bits, ((this.next[w] as number) & bits) >>> 0]
      })
      return edit.length === 0 ? [] : [part, 2 * this.edits.intern(edit) + 1]
    })
  }
}

const same = (answer: number): number => answer

/** How an actor is asked at a hub: the answer is known; or a tree is to be followed; or its far home decides which. */
export const HOW = { settled: 0, tree: 1, home: 2 } as const
/** The answer of whoever cannot move. */
export const NOTHING = 0

/** Moves of a system, and what these properties say of its states. `records`: bits by word that stay 0. */
export function successorsOf(
  system: TransitionSystem,
  parts: Parts,
  properties: readonly Property[],
  records?: Uint32Array,
): Successors {
  const of = (expect: Property['expect']): Property[] => properties.filter(p => p.expect === expect)
  return new Successors(system, parts, of('always'), of('sometimes'), records)
}
