import { known } from '../base/assert.ts'
import { Growing } from './growing.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'
import type { Parts, TransitionSystem } from './system.ts'

const LEAF = 0xffffffff
const NO_ONE = -1

/** One thing that was asked of states: what an actor can do, or what a property says. The answer is words of the caller's own. */
export interface Question {
  /** The local part that is part of the question; -1 when there is none. */
  readonly home: number
  /** Asks it of a whole state, and keeps the answer in `into`, from which it is never taken back. Answers where. */
  readonly ask: (state: Uint32Array, written: Written) => number
}

/** What was written since it was last cleared: bits by word. */
export interface Written {
  readonly bits: Uint32Array
  clear(): void
}

/**
 * Remembers answers by what they were seen to depend on: the shared part, the home part of who was asked, and of other local
 * parts exactly those bits that were read on the way to the answer. A decision tree for each pair of shared part and home part:
 * what is read next depends only on what has been read before, so the tree for two states is the same as far as they agree.
 *
 * Exact: an answer is used again only for states that agree in everything that was read.
 */
export class Memo {
  private readonly pieces: Pieces
  private readonly parts: Parts
  private readonly questions: readonly Question[]
  private readonly roots: PairTable[]
  /** By node: the word to look at next, or LEAF; the bits of it, or the answer. */
  private readonly nodeWord = new Growing(Uint32Array)
  private readonly nodeBits = new Growing(Uint32Array)
  /** By node and value of these bits: the node to go on with. */
  private readonly children = new PairTable()
  // Of the question that is asked just now
  private readonly state: Uint32Array
  private readonly known: Uint32Array
  private readonly written: Written
  private readonly path: number[] = []
  private home = NO_ONE
  /** Questions asked of the model: all others were answered from memory. */
  asked = 0

  constructor(system: TransitionSystem, parts: Parts, pieces: Pieces, questions: readonly Question[]) {
    this.pieces = pieces
    this.parts = parts
    this.questions = questions
    this.roots = questions.map(() => new PairTable())
    this.state = new Uint32Array(system.words)
    this.known = new Uint32Array(system.words)
    const bits = new Uint32Array(system.words)
    this.written = { bits, clear: () => bits.fill(0) }
  }

  get bytes(): number {
    const roots = this.roots.reduce((sum, table) => sum + table.bytes, 0)
    return roots + this.nodeWord.bytes + this.nodeBits.bytes + this.children.bytes
  }

  /** The tree for all states with this shared part and home part. */
  rootAfterAsking(question: number, hub: number, far: number): number {
    this.answer(question, hub, far)
    return (this.roots[question] as PairTable).get(this.pieces.sharedOf(hub), this.homeIn(question, hub, far))
  }

  /** The answer if it is the same whatever other parts are, else -1. */
  settled(node: number): number {
    return this.nodeWord.at(node) === LEAF ? this.nodeBits.at(node) : -1
  }

  /** The answer for a state, from a root on. */
  answerFrom(root: number, question: number, hub: number, far: number): number {
    let node = root
    while (node >= 0) {
      const word = this.nodeWord.at(node)
      if (word === LEAF) return this.nodeBits.at(node)
      node = this.children.get(node, (this.pieces.wordOf(hub, far, word) & this.nodeBits.at(node)) >>> 0)
    }
    return this.learn(question, hub, far)
  }

  /** The answer for a state. */
  answer(question: number, hub: number, far: number): number {
    const home = this.homeIn(question, hub, far)
    return this.answerFrom((this.roots[question] as PairTable).get(this.pieces.sharedOf(hub), home), question, hub, far)
  }

  private homeIn(question: number, hub: number, far: number): number {
    const { home } = this.questions[question] as Question
    return home < 0 ? 0 : this.pieces.localOf(hub, far, home)
  }

  /** Asks the model, watches what it reads, and remembers. */
  private learn(question: number, hub: number, far: number): number {
    const q = this.questions[question] as Question
    this.asked++
    this.pieces.assemble(hub, far, this.state)
    this.known.fill(0)
    this.written.clear()
    this.path.length = 0
    this.home = q.home
    let answer = 0
    this.parts.watch(this, () => {
      answer = q.ask(this.state, this.written)
    })
    let node = this.rootFor(question, this.pieces.sharedOf(hub), this.homeIn(question, hub, far))
    for (let i = 0; i < this.path.length; i += 2) {
      const word = known(this.path[i], 'word')
      const bits = known(this.path[i + 1], 'bits')
      this.nodeWord.put(node, word)
      this.nodeBits.put(node, bits)
      node = this.childFor(node, ((this.state[word] as number) & bits) >>> 0)
    }
    this.nodeWord.put(node, LEAF)
    this.nodeBits.put(node, answer)
    return answer
  }

  private rootFor(question: number, shared: number, home: number): number {
    const roots = this.roots[question] as PairTable
    const root = roots.get(shared, home)
    if (root >= 0) return root
    roots.add(shared, home, this.newNode())
    return this.nodeWord.length - 1
  }

  private childFor(node: number, value: number): number {
    const child = this.children.get(node, value)
    if (child >= 0) return child
    this.children.add(node, value, this.newNode())
    return this.nodeWord.length - 1
  }

  private newNode(): number {
    this.nodeWord.push(LEAF)
    this.nodeBits.push(0)
    return this.nodeWord.length - 1
  }

  /** A witness of the question that is asked: see `Parts.watch`. */
  read(word: number, bits: number): void {
    const part = this.parts.partOf[word] as number
    if (part === 0 || part - 1 === this.home) return
    const news = (bits & ~(this.known[word] as number) & ~(this.written.bits[word] as number)) >>> 0
    if (news === 0) return
    this.known[word] = ((this.known[word] as number) | news) >>> 0
    this.path.push(word, news)
  }

  wrote(word: number, bits: number): void {
    this.written.bits[word] = ((this.written.bits[word] as number) | bits) >>> 0
  }
}
