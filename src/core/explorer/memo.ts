import { DecisionTree } from './decision-tree.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'
import type { Parts, TransitionSystem } from './system.ts'

/** Something that is asked of states: what an actor can do, or what a property says. */
export interface Question {
  /** The part that answers nearly always depend on, besides the shared one; 0 when there is none. */
  readonly home: number
  /** Asks it of a whole state and answers with a number of the caller's own, that says the same of all states that agree in what was read. */
  readonly ask: (state: Uint32Array, written: Written) => number
  /** The answer once shared part and home are known too: may be the same number. */
  readonly settle: (answer: number, shared: number, home: number) => number
}

/** What was written since it was last cleared: bits by word. */
export interface Written {
  readonly bits: Uint32Array
  clear(): void
}

/**
 * Remembers answers by exactly what was seen to be read on the way to them. In front of each tree lies a table by shared part
 * and home: it leads to the settled answer, or into the tree where other parts begin to matter.
 */
export class Memo {
  private readonly pieces: Pieces
  private readonly parts: Parts
  private readonly questions: readonly Question[]
  readonly tree: DecisionTree
  /** By question; -1 while it has never been asked. */
  private readonly roots: number[]
  /** By question, shared part and home: a settled answer · 2, or a node · 2 + 1. */
  private readonly begun: readonly PairTable[]
  /** By question: parts that the table stands for, one bit each. */
  private readonly covers: readonly number[]
  /** The shared part and all near ones, one bit each. */
  private readonly nearParts: number
  // Of the question that is asked just now
  private readonly state: Uint32Array
  private readonly known: Uint32Array
  private readonly written: Written
  private readonly path: number[] = []
  /** Questions asked of the model: all others were answered from memory. */
  asked = 0

  constructor(system: TransitionSystem, parts: Parts, pieces: Pieces, questions: readonly Question[]) {
    this.pieces = pieces
    this.parts = parts
    this.questions = questions
    this.tree = new DecisionTree(pieces)
    this.roots = questions.map(() => -1)
    this.begun = questions.map(() => new PairTable())
    this.covers = questions.map(({ home }) => 1 | (1 << home))
    this.nearParts = parts.groupOf.reduce<number>((bits, group, i) => (group === 0 ? bits | (2 << i) : bits), 1)
    this.state = new Uint32Array(system.words)
    this.known = new Uint32Array(system.words)
    const bits = new Uint32Array(system.words)
    this.written = { bits, clear: () => bits.fill(0) }
  }

  get bytes(): number {
    return this.begun.reduce((sum, table) => sum + table.bytes, this.tree.bytes)
  }

  /** The answer for a state. */
  answer(question: number, hub: number, far: number): number {
    const start = this.start(question, hub, far)
    return (start & 1) === 0 ? start >>> 1 : this.answerFrom(start >>> 1, question, hub, far)
  }

  /** For all states with the shared part and the home of this one: a settled answer · 2, or a node · 2 + 1 to go on from. */
  start(question: number, hub: number, far: number): number {
    const { home } = this.questions[question] as Question
    const begun = this.begun[question] as PairTable
    const shared = this.pieces.sharedOf(hub)
    const row = home === 0 ? 0 : this.pieces.rowOf(hub, far, home)
    const known = begun.get(shared, row)
    return known >= 0 ? known : this.begin(question, hub, far, shared, row)
  }

  /** As `start`, with all near parts of this state known too. */
  startNear(question: number, hub: number, far: number): number {
    const start = this.start(question, hub, far)
    if ((start & 1) === 0) return start
    let node = this.tree.descend(start >>> 1, hub, far, this.nearParts)
    if (node < 0) {
      this.learn(question, hub, far)
      node = this.tree.descend(start >>> 1, hub, far, this.nearParts)
    }
    return this.tree.isLeaf(node) ? 2 * this.tree.answerOf(node) : 2 * node + 1
  }

  /** The answer for a state, from a node on. */
  answerFrom(node: number, question: number, hub: number, far: number): number {
    const leaf = this.tree.leaf(node, hub, far)
    return leaf < 0 ? this.learn(question, hub, far) : this.tree.answerOf(leaf)
  }

  private begin(question: number, hub: number, far: number, shared: number, row: number): number {
    const covers = this.covers[question] as number
    let node = this.descend(question, hub, far, covers)
    if (node < 0) {
      this.learn(question, hub, far)
      node = this.descend(question, hub, far, covers)
    }
    const start = this.tree.isLeaf(node)
      ? 2 * (this.questions[question] as Question).settle(this.tree.answerOf(node), shared, row)
      : 2 * node + 1
    ;(this.begun[question] as PairTable).add(shared, row, start)
    return start
  }

  private descend(question: number, hub: number, far: number, covers: number): number {
    const root = this.roots[question] as number
    return root < 0 ? -1 : this.tree.descend(root, hub, far, covers)
  }

  /** Asks the model, watches what it reads, and remembers. */
  private learn(question: number, hub: number, far: number): number {
    this.asked++
    this.pieces.assemble(hub, far, this.state)
    this.known.fill(0)
    this.written.clear()
    this.path.length = 0
    let answer = 0
    this.parts.watch(this, () => {
      answer = (this.questions[question] as Question).ask(this.state, this.written)
    })
    if ((this.roots[question] as number) < 0) this.roots[question] = this.tree.sprout()
    this.tree.grow(this.roots[question] as number, this.path, answer)
    return answer
  }

  /** As the witness of the question that is asked. What it has written itself does not depend on the state. */
  read(word: number, bits: number): void {
    const news = (bits & ~(this.known[word] as number) & ~(this.written.bits[word] as number)) >>> 0
    if (news === 0) return
    this.known[word] = ((this.known[word] as number) | news) >>> 0
    this.path.push(word, news, ((this.state[word] as number) & news) >>> 0)
  }

  wrote(word: number, bits: number): void {
    this.written.bits[word] = ((this.written.bits[word] as number) | bits) >>> 0
  }
}
