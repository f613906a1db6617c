import { lowest } from './bit-rows.ts'
import type { Memo } from './memo.ts'
import type { Split } from './split.ts'

/** Which columns lead from a node to which of its children. */
interface Fan {
  /** Columns that are in a mask, 32 a word. */
  readonly known: number[]
  readonly children: number[]
  /** By child: the columns that lead to it, 32 a word. */
  readonly masks: number[][]
}

/**
 * Below a node that looks at the column a row is cut into as many pieces as the node has children, and not into states. The
 * same at every hub, and so found once.
 */
export class Fans {
  private readonly memo: Memo
  private readonly split: Split
  private readonly fans = new Map<number, Fan>()

  constructor(memo: Memo, split: Split) {
    this.memo = memo
    this.split = split
  }

  /** The children of a node for all columns of a row. */
  of(node: number, actor: number, hub: number, prefix: number, bits: Uint32Array): Fan {
    let fan = this.fans.get(node)
    if (fan === undefined) {
      fan = { known: [], children: [], masks: [] }
      this.fans.set(node, fan)
    }
    for (let w = 0; w < bits.length; w++) {
      for (let rest = (bits[w] as number) & ~(fan.known[w] ?? 0); rest !== 0; rest &= rest - 1) {
        const column = 32 * w + lowest(rest)
        this.learn(fan, column, node, actor, hub, this.split.farOf(prefix, column))
      }
    }
    return fan
  }

  private learn(fan: Fan, column: number, node: number, actor: number, hub: number, far: number): void {
    this.memo.answerFrom(node, actor, hub, far)
    const child = this.memo.tree.step(node, hub, far)
    let at = fan.children.indexOf(child)
    if (at < 0) {
      at = fan.children.push(child) - 1
      fan.masks.push([])
    }
    setBit(fan.masks[at] as number[], column)
    setBit(fan.known, column)
  }
}

/** Sets a bit in a row of words that grows as needed. */
export function setBit(words: number[], bit: number): void {
  while (words.length <= bit >>> 5) words.push(0)
  words[bit >>> 5] = (words[bit >>> 5] as number) | (1 << (bit & 31))
}
