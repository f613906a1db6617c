import type { EveryState, StateGraph } from '../../../core/studies/state-graph.ts'

/** What is drawn, in steps across and lanes down: of states and of groups alike. All columns by node, or by edge. */
export interface Scene {
  readonly of: 'states' | 'groups'
  readonly nodes: number
  readonly x: Float32Array
  readonly y: Float32Array
  /** Share of the largest node's area; null where all are alike. */
  readonly area: Float32Array | null
  readonly standing: Uint8Array
  readonly marks: Uint8Array
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** Share of the widest edge; null where all are alike. */
  readonly weight: Float32Array | null
  /** What an edge does, in short: `CPU 0: zap_pte_range`. `count` writes numbers. */
  readonly textOf: (edge: number, count: (n: number) => string) => string
  readonly bounds: Bounds
  /** Titles down the side, each from one lane to another. */
  readonly rows: readonly { readonly title: string; readonly top: number; readonly bottom: number }[]
  /** Steps that one unit across stands for. */
  readonly stepsPerColumn: number
}

export interface Bounds {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Every state by itself: steps from the start go from left to right. */
export function sceneOfStates(every: EveryState): Scene {
  const { depth, across, standing, marks, firstEdge, to, label, labels } = every
  const from = new Uint32Array(to.length)
  for (let s = 0; s < depth.length; s++) from.fill(s, firstEdge[s], firstEdge[s + 1])
  return {
    of: 'states',
    nodes: depth.length,
    x: Float32Array.from(depth),
    y: across,
    area: null,
    standing,
    marks,
    from,
    to,
    weight: null,
    textOf: edge => {
      const move = labels[label[edge] as number]
      return move === undefined ? '' : `${move.actor}: ${move.fn}`
    },
    bounds: boundsOf(depth, across),
    rows: [],
    stepsPerColumn: 1,
  }
}

/** Lanes between two rows. */
const ROW_GAP = 0.4

/** Groups: steps from left to right, a row for each stretch of the unmapping CPU, a lane in it for each standing. */
export function sceneOfGroups({ grouping }: StateGraph): Scene {
  const { groups, edges, stepsPerColumn } = grouping
  const lanes = new Map<number, number>()
  let next = 0
  const rows = grouping.rows.map(({ title }, row) => {
    const standings = new Set(groups.filter(g => g.row === row).map(g => g.standing))
    const top = next - 0.5
    for (const standing of [...standings].sort()) lanes.set(4 * row + standing, next++)
    const bottom = next - 0.5
    next += ROW_GAP
    return { title, top, bottom }
  })
  const x = Float32Array.from(groups, g => Math.floor(g.first / stepsPerColumn))
  const y = Float32Array.from(groups, g => lanes.get(4 * g.row + g.standing) ?? 0)
  const most = Math.max(...groups.map(g => g.states))
  const widest = Math.max(1, ...edges.map(e => e.moves))
  return {
    of: 'groups',
    nodes: groups.length,
    x,
    y,
    area: Float32Array.from(groups, g => g.states / most),
    standing: Uint8Array.from(groups, g => g.standing),
    marks: Uint8Array.from(groups, g => g.marks),
    from: Uint32Array.from(edges, e => e.from),
    to: Uint32Array.from(edges, e => e.to),
    weight: Float32Array.from(edges, e => e.moves / widest),
    textOf: (edge, count) => count(edges[edge]?.moves ?? 0),
    bounds: boundsOf(x, y),
    rows,
    stepsPerColumn,
  }
}

function boundsOf(x: ArrayLike<number>, y: ArrayLike<number>): Bounds {
  const bounds = { left: 0, right: 0, top: 0, bottom: 0 }
  for (let i = 0; i < x.length; i++) {
    bounds.right = Math.max(bounds.right, x[i] as number)
    bounds.top = Math.min(bounds.top, y[i] as number)
    bounds.bottom = Math.max(bounds.bottom, y[i] as number)
  }
  return bounds
}
