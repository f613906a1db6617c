import { lowest } from './bit-rows.ts'
import type { DecisionTree } from './decision-tree.ts'

/** What is known below one node. */
interface Known {
  /** By column: 0 not looked at yet, 1 its answer is in a list, 2 more must be looked at. */
  readonly how: number[]
  readonly answers: number[]
  /** By answer: the columns that lead to it, 32 a word. */
  readonly masks: number[][]
}

/**
 * Below a node that looks at the column: which columns lead at once to which answer. So a row is cut into as many pieces as there
 * are answers, and not into states.
 */
export class ColumnAnswers {
  private readonly tree: DecisionTree
  private readonly known = new Map<number, Known>()
  /** Columns of the last row that must be asked for one by one. */
  readonly left: number[] = []

  constructor(tree: DecisionTree) {
    this.tree = tree
  }

  /** Cuts a row at a node. `childOf` leads to the child of a column, and sees to it that there is one. */
  cut(node: number, bits: Uint32Array, childOf: (column: number) => number): Known {
    let known = this.known.get(node)
    if (known === undefined) {
      known = { how: [], answers: [], masks: [] }
      this.known.set(node, known)
    }
    this.left.length = 0
    for (let w = 0; w < bits.length; w++) {
      for (let rest = bits[w] as number; rest !== 0; rest &= rest - 1) {
        const column = 32 * w + lowest(rest)
        if ((known.how[column] ?? 0) === 0) this.learn(known, column, childOf(column))
        if (known.how[column] === 2) this.left.push(column)
      }
    }
    return known
  }

  private learn(known: Known, column: number, child: number): void {
    while (known.how.length <= column) known.how.push(0)
    if (!this.tree.isLeaf(child)) {
      known.how[column] = 2
      return
    }
    known.how[column] = 1
    const answer = this.tree.answerOf(child)
    let at = known.answers.indexOf(answer)
    if (at < 0) {
      at = known.answers.push(answer) - 1
      known.masks.push([])
    }
    const mask = known.masks[at] as number[]
    while (mask.length <= column >>> 5) mask.push(0)
    mask[column >>> 5] = (mask[column >>> 5] as number) | (1 << (column & 31))
  }
}
