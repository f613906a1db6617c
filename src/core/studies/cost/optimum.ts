import { assert } from '../../base/assert.ts'
import type { Components, Rows } from '../components.ts'

/** What each move of a graph costs; a peak, what each state has. */
export type Prices =
  | { readonly total: 'sum'; readonly ofMove: (edge: number, from: number) => number }
  | { readonly total: 'peak'; readonly ofState: (state: number) => number }

/** The least, or the most, that a run from each state on can cost. */
export interface Optimum {
  /** By state. Infinity: going round a circle makes it as much as one likes. */
  readonly value: Float64Array
  /** By state: the move to make; -1 where a run ends. Not to be followed for an infinite value, nor for the most that is a peak. */
  readonly via: Int32Array
}

/**
 * Works backwards from the ends, so it is exact: a state's optimum is that of its moves. The states of a circle are gone over until
 * nothing changes; where a move in it costs something, there is no most. No circle may go on for ever, nor any price in one be below 0.
 */
export function* optimumOf(
  { states, firstEdge, to }: Rows,
  parts: Components,
  prices: Prices,
  wanted: 'least' | 'most',
): Generator<number, Optimum, void> {
  const worst = wanted === 'least' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  const better = wanted === 'least' ? (a: number, b: number) => a < b : (a: number, b: number) => a > b
  const value = new Float64Array(states).fill(worst)
  const via = new Int32Array(states).fill(-1)
  const atEnd = (s: number): number => (prices.total === 'peak' ? prices.ofState(s) : 0)
  const through = (e: number, s: number): number => {
    const rest = value[to[e] as number] as number
    return prices.total === 'peak' ? Math.max(prices.ofState(s), rest) : prices.ofMove(e, s) + rest
  }

  /** True when one of its moves is better than what was known. */
  const improve = (s: number): boolean => {
    let improved = false
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
      const there = through(e, s)
      if (!better(there, value[s] as number)) continue
      value[s] = there
      via[s] = e
      improved = true
    }
    return improved
  }

  for (let c = 0; c < parts.count; c++) {
    if (c % SLICE === 0) yield parts.first[c] as number
    const members = parts.order.subarray(parts.first[c] as number, parts.first[c + 1] as number)
    if (members.length === 1 && !goesRound(members[0] as number)) {
      const s = members[0] as number
      if (firstEdge[s] === firstEdge[s + 1]) value[s] = atEnd(s)
      else improve(s)
      continue
    }
    if (wanted === 'most' && prices.total === 'sum' && costsInside(c, members, prices.ofMove)) {
      for (const s of members) value[s] = Number.POSITIVE_INFINITY
      continue
    }
    let rounds = 0
    for (let changed = true; changed; ) {
      assert(rounds++ <= members.length, 'a price in a circle is below 0')
      changed = false
      for (const s of members) if (improve(s)) changed = true
    }
  }
  return { value, via }

  function goesRound(s: number): boolean {
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) if (to[e] === s) return true
    return false
  }

  function costsInside(c: number, members: Uint32Array, ofMove: (e: number, s: number) => number): boolean {
    return members.some(s => {
      for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++)
        if (parts.of[to[e] as number] === c && ofMove(e, s) > 0) return true
      return false
    })
  }
}

/** States between two breaths. */
const SLICE = 65_536
