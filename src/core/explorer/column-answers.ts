import { lowest } from './bit-rows.ts'
import type { Memo } from './memo.ts'
import type { Split } from './split.ts'

/** Which columns lead to which answer. */
export class Cut {
  readonly answers: number[] = []
  /** By answer: the columns that lead to it, 32 a word. */
  readonly masks: number[][] = []
  /** By column: 0 not looked at yet, else one of FOUND. */
  private readonly how: number[] = []

  howOf(column: number): number {
    return this.how[column] ?? 0
  }

  note(column: number, how: number): void {
    while (this.how.length <= column) this.how.push(0)
    this.how[column] = how
  }

  add(column: number, answer: number): void {
    this.note(column, FOUND.answer)
    let at = this.answers.indexOf(answer)
    if (at < 0) {
      at = this.answers.push(answer) - 1
      this.masks.push([])
    }
    const mask = this.masks[at] as number[]
    while (mask.length <= column >>> 5) mask.push(0)
    mask[column >>> 5] = (mask[column >>> 5] as number) | (1 << (column & 31))
  }
}

const FOUND = { answer: 1, more: 2 } as const

/**
 * Below a node that looks at the column: which columns lead to which answer, at once, or when nothing but the hub is looked at
 * besides. So a row is cut into as many pieces as there are answers, and not into states.
 */
export class ColumnAnswers {
  private readonly memo: Memo
  private readonly split: Split
  private readonly prefixParts: number
  /** By node. */
  private readonly everywhere = new Map<number, Cut>()
  /** By node, at the hub that is worked on. */
  private readonly here = new Map<number, Cut>()
  /** Columns of the last row that must be asked for one by one. */
  readonly left: number[] = []

  constructor(memo: Memo, split: Split, prefixParts: number) {
    this.memo = memo
    this.split = split
    this.prefixParts = prefixParts
  }

  /** Another hub is worked on. */
  beginHub(): void {
    this.here.clear()
  }

  /** Cuts a row of states of one actor at a node: what holds at every hub, and what holds here. */
  cut(node: number, actor: number, hub: number, prefix: number, bits: Uint32Array): readonly [Cut, Cut] {
    const everywhere = cutFor(this.everywhere, node)
    const here = cutFor(this.here, node)
    this.left.length = 0
    for (let w = 0; w < bits.length; w++) {
      for (let rest = bits[w] as number; rest !== 0; rest &= rest - 1) {
        const column = 32 * w + lowest(rest)
        if (everywhere.howOf(column) === FOUND.answer) continue
        if (here.howOf(column) === 0)
          this.learn(everywhere, here, node, actor, hub, this.split.farOf(prefix, column), column)
        if (here.howOf(column) === FOUND.more && everywhere.howOf(column) === FOUND.more) this.left.push(column)
      }
    }
    return [everywhere, here]
  }

  private learn(
    everywhere: Cut,
    here: Cut,
    node: number,
    actor: number,
    hub: number,
    far: number,
    column: number,
  ): void {
    const { tree } = this.memo
    const answer = this.memo.answerFrom(node, actor, hub, far)
    const child = tree.step(node, hub, far)
    if (tree.isLeaf(child)) {
      everywhere.add(column, tree.answerOf(child))
      return
    }
    everywhere.note(column, FOUND.more)
    if (tree.looksAt(child, hub, far, this.prefixParts)) here.note(column, FOUND.more)
    else here.add(column, answer)
  }
}

function cutFor(cuts: Map<number, Cut>, node: number): Cut {
  const known = cuts.get(node)
  if (known !== undefined) return known
  const cut = new Cut()
  cuts.set(node, cut)
  return cut
}
