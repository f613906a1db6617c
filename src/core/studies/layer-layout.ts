import type { Graph } from '../explorer/graph.ts'

/** States of a graph on layers, one layer a depth. */
export interface Layering {
  /** By state: its place across the layers. Two states of one layer are at least 1 apart; 0 is the middle. */
  readonly across: Float32Array<ArrayBuffer>
  /** Pairs of moves between neighbouring layers that cross. */
  readonly crossings: number
}

/** Sweeps there and back over all layers, to order them and then to place them. More are not seen. */
const ORDERINGS = 12
const PLACINGS = 6

/**
 * Draws a graph as layers by depth. In breadth-first order every move leads at most one layer on, so none has to be led past a
 * layer. Each layer is ordered by where its neighbours stand (barycentres), the best of all sweeps is kept, and then every state
 * moves as close to its neighbours as the order lets it. Yields sweeps done, and how many there are.
 */
export function* layersOf(graph: Graph): Generator<readonly [number, number], Layering, void> {
  const near = neighboursOf(graph)
  let layers = layersByDepth(graph)
  let at = placesIn(graph, layers)
  let best = { layers, at, crossings: crossingsOf(layers, at, near.below) }
  for (let sweep = 0; sweep < ORDERINGS && best.crossings > 0; sweep++) {
    yield [sweep, ORDERINGS + PLACINGS]
    const down = sweep % 2 === 0
    layers = layers.map(layer => [...layer])
    at = at.slice()
    for (let i = 1; i < layers.length; i++) {
      const depth = down ? i : layers.length - 1 - i
      order(layers[depth] as number[], at, down ? near.above : near.below)
    }
    const crossings = crossingsOf(layers, at, near.below)
    if (crossings < best.crossings) best = { layers, at, crossings }
  }
  const across = Float64Array.from(best.at)
  for (const layer of best.layers) {
    const middle = (layer.length - 1) / 2
    for (const state of layer) across[state] = (across[state] as number) - middle
  }
  for (let sweep = 0; sweep < PLACINGS; sweep++) {
    yield [ORDERINGS + sweep, ORDERINGS + PLACINGS]
    const down = sweep % 2 === 0
    const last = sweep >= PLACINGS - 2
    for (let i = 0; i < best.layers.length; i++) {
      const layer = best.layers[down ? i : best.layers.length - 1 - i] as number[]
      place(layer, across, last ? near.both : down ? near.above : near.below)
    }
  }
  return { across: Float32Array.from(across), crossings: best.crossings }
}

/** By state: neighbours on the layer above, on the layer below, on both. */
interface Near {
  readonly above: readonly (readonly number[])[]
  readonly below: readonly (readonly number[])[]
  readonly both: readonly (readonly number[])[]
}

function neighboursOf({ states, firstEdge, to, depth }: Graph): Near {
  const lists = () => Array.from({ length: states }, (): number[] => [])
  const [above, below] = [lists(), lists()]
  for (let from = 0; from < states; from++) {
    for (let e = firstEdge[from] as number; e < (firstEdge[from + 1] as number); e++) {
      const target = to[e] as number
      const on = (depth[target] as number) - (depth[from] as number)
      if (Math.abs(on) !== 1) continue
      const [upper, lower] = on === 1 ? [from, target] : [target, from]
      above[lower]?.push(upper)
      below[upper]?.push(lower)
    }
  }
  return { above, below, both: above.map((list, s) => [...list, ...(below[s] ?? [])]) }
}

function layersByDepth({ states, depth }: Graph): number[][] {
  const layers: number[][] = []
  for (let s = 0; s < states; s++) {
    const d = depth[s] as number
    if (layers[d] === undefined) layers[d] = []
    layers[d].push(s)
  }
  return layers
}

function placesIn({ states }: Graph, layers: readonly (readonly number[])[]): Uint32Array {
  const at = new Uint32Array(states)
  for (const layer of layers) for (const [i, s] of layer.entries()) at[s] = i
  return at
}

/** Sorts a layer by the mean place of its neighbours; who has none, and who ties, stays where it was. */
function order(layer: number[], at: Uint32Array, near: readonly (readonly number[])[]): void {
  const keys = new Map(layer.map(s => [s, mean(near[s] ?? [], at) ?? (at[s] as number)]))
  const key = (s: number) => keys.get(s) as number
  layer.sort((a, b) => key(a) - key(b) || (at[a] as number) - (at[b] as number))
  for (const [i, s] of layer.entries()) at[s] = i
}

function mean(states: readonly number[], of: ArrayLike<number>): number | undefined {
  if (states.length === 0) return undefined
  let sum = 0
  for (const s of states) sum += of[s] as number
  return sum / states.length
}

/** States in a row whose wishes collide: they share the mean of them. */
interface Block {
  readonly sum: number
  readonly count: number
}

/**
 * Moves a layer as close as can be to the middles of its neighbours, at least 1 apart and in its order: least squares under an
 * order, so blocks that would overlap are pooled and share their mean.
 */
function place(layer: readonly number[], across: Float64Array, near: readonly (readonly number[])[]): void {
  const blocks: Block[] = []
  for (const [i, s] of layer.entries()) {
    let block: Block = { sum: (mean(near[s] ?? [], across) ?? (across[s] as number)) - i, count: 1 }
    for (;;) {
      const before = blocks.at(-1)
      if (before === undefined || before.sum / before.count < block.sum / block.count) break
      blocks.pop()
      block = { sum: before.sum + block.sum, count: before.count + block.count }
    }
    blocks.push(block)
  }
  let i = 0
  for (const { sum, count } of blocks) {
    for (let n = 0; n < count; n++, i++) across[layer[i] as number] = sum / count + i
  }
}

/** Crossing pairs between neighbouring layers, counted with a tree of partial sums: E log V. */
function crossingsOf(
  layers: readonly (readonly number[])[],
  at: Uint32Array,
  below: readonly (readonly number[])[],
): number {
  let crossings = 0
  for (let d = 0; d + 1 < layers.length; d++) {
    // By place on the lower layer, as a Fenwick tree: moves that end there, of the states passed so far.
    const tree = new Uint32Array((layers[d + 1]?.length ?? 0) + 1)
    let passed = 0
    for (const upper of layers[d] ?? []) {
      const targets = below[upper] ?? []
      for (const lower of targets) {
        crossings += passed
        for (let i = (at[lower] as number) + 1; i > 0; i -= i & -i) crossings -= tree[i] as number
      }
      for (const lower of targets) {
        for (let i = (at[lower] as number) + 1; i < tree.length; i += i & -i) tree[i] = (tree[i] as number) + 1
      }
      passed += targets.length
    }
  }
  return crossings
}
