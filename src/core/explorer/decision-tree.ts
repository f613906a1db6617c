import { Growing } from './growing.ts'
import { PairTable } from './pair-table.ts'
import type { Pieces } from './pieces.ts'

const LEAF = 0xffffffff
const STRIDE = 4
/** Values of at most so many bits choose a child in a table; others are looked up. */
const DIRECT_BITS = 6

/**
 * What an answer depends on, as a tree: at each node some bits of some word are looked at, at each leaf there is an answer. Grown
 * by runs of a deterministic program that reads a state: what is read next depends only on what has been read before, so two
 * runs go the same way as far as their states agree.
 */
export class DecisionTree {
  private readonly pieces: Pieces
  /** By node: the word to look at, or LEAF; the bits of it, or the answer; how far they lie from the right; first of a table of children + 1, or 0. */
  private readonly nodes = new Growing(Uint32Array)
  private readonly tables = new Growing(Uint32Array)
  private readonly others = new PairTable()

  constructor(pieces: Pieces) {
    this.pieces = pieces
  }

  get bytes(): number {
    return this.nodes.bytes + this.tables.bytes + this.others.bytes
  }

  /** A leaf without an answer. */
  sprout(): number {
    this.nodes.push(LEAF)
    this.nodes.push(0)
    this.nodes.push(0)
    this.nodes.push(0)
    return this.nodes.length / STRIDE - 1
  }

  isLeaf(node: number): boolean {
    return this.nodes.at(STRIDE * node) === LEAF
  }

  answerOf(leaf: number): number {
    return this.nodes.at(STRIDE * leaf + 1)
  }

  /**
   * Goes on from a node to a leaf, or to the first node that looks at a part which is not among `parts` (a bit for each; 0 is the
   * shared part). -1: nobody has come this way.
   */
  descend(from: number, hub: number, far: number, parts: number): number {
    const { nodes, pieces } = this
    let node = from
    for (;;) {
      const at = STRIDE * node
      const word = nodes.at(at)
      if (word === LEAF || (parts & (1 << (pieces.partOf[word] as number))) === 0) return node
      node = this.child(node, (pieces.wordOf(hub, far, word) & nodes.at(at + 1)) >>> 0)
      if (node < 0) return -1
    }
  }

  /** The child that a state leads to, or -1. The node is no leaf. */
  step(node: number, hub: number, far: number): number {
    const at = STRIDE * node
    return this.child(node, (this.pieces.wordOf(hub, far, this.nodes.at(at)) & this.nodes.at(at + 1)) >>> 0)
  }

  /** Does the way of a state, from a node to its leaf, look at one of these parts? The way must be known. */
  looksAt(from: number, hub: number, far: number, parts: number): boolean {
    const { nodes, pieces } = this
    let node = from
    for (;;) {
      const at = STRIDE * node
      const word = nodes.at(at)
      if (word === LEAF) return false
      if ((parts & (1 << (pieces.partOf[word] as number))) !== 0) return true
      node = this.child(node, (pieces.wordOf(hub, far, word) & nodes.at(at + 1)) >>> 0)
    }
  }

  /** The leaf for a state, from a node on, or -1. */
  leaf(from: number, hub: number, far: number): number {
    const { nodes, pieces } = this
    let node = from
    while (node >= 0) {
      const at = STRIDE * node
      const word = nodes.at(at)
      if (word === LEAF) return node
      node = this.child(node, (pieces.wordOf(hub, far, word) & nodes.at(at + 1)) >>> 0)
    }
    return -1
  }

  /** Grows the tree along a path of words, bits and what was found there, and puts the answer at its end. */
  grow(from: number, path: readonly number[], answer: number): void {
    let node = from
    for (let i = 0; i < path.length; i += 3) {
      if (this.isLeaf(node)) this.branch(node, path[i] as number, path[i + 1] as number)
      node = this.childFor(node, path[i + 2] as number)
    }
    this.nodes.put(STRIDE * node + 1, answer)
  }

  private branch(node: number, word: number, bits: number): void {
    const shift = 31 - Math.clz32(bits & -bits)
    const width = 32 - Math.clz32(bits >>> shift)
    const at = STRIDE * node
    this.nodes.put(at, word)
    this.nodes.put(at + 1, bits)
    this.nodes.put(at + 2, shift)
    if (width > DIRECT_BITS) return
    this.nodes.put(at + 3, this.tables.length + 1)
    for (let value = 0; value < 2 ** width; value++) this.tables.push(0)
  }

  private child(node: number, value: number): number {
    const at = STRIDE * node
    const table = this.nodes.at(at + 3)
    if (table === 0) return this.others.get(node, value)
    return this.tables.at(table - 1 + (value >>> this.nodes.at(at + 2))) - 1
  }

  private childFor(node: number, value: number): number {
    const found = this.child(node, value)
    if (found >= 0) return found
    const child = this.sprout()
    const at = STRIDE * node
    const table = this.nodes.at(at + 3)
    if (table === 0) this.others.add(node, value, child)
    else this.tables.put(table - 1 + (value >>> this.nodes.at(at + 2)), child + 1)
    return child
  }
}
