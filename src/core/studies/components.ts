/** Moves between states, in rows: those out of state n are numbered from firstEdge[n] up to firstEdge[n + 1]. A Graph is one. */
export interface Rows {
  readonly states: number
  readonly firstEdge: Uint32Array
  /** By move: the state it leads to. */
  readonly to: Uint32Array
}

/** States sorted into components: from any of one component, every other of it can be reached and come back from. */
export interface Components {
  readonly count: number
  /** By state: its component. Moves lead to the same component, or to one with a lower number. */
  readonly of: Uint32Array
  /** All states, component by component, the lowest first. */
  readonly order: Uint32Array
  /** By component, and one more: where it starts in `order`. */
  readonly first: Uint32Array
  /** Some state can be come back to. */
  readonly cyclic: boolean
}

/** States between two breaths. */
const SLICE = 16_384
const NEW = 0xffffffff

/** Tarjan's components, without recursion. Yields how many states are sorted. */
export function* componentsOf({ states, firstEdge, to }: Rows): Generator<number, Components, void> {
  const of = new Uint32Array(states).fill(NEW)
  const order = new Uint32Array(states)
  const starts: number[] = []
  const found = new Uint32Array(states).fill(NEW)
  const low = new Uint32Array(states)
  const nextEdge = new Uint32Array(states)
  const path = new Uint32Array(states)
  const open = new Uint32Array(states)
  let cyclic = false
  let sorted = 0
  let foundCount = 0
  let openCount = 0

  for (let root = 0; root < states; root++) {
    if (found[root] !== NEW) continue
    let depth = 0
    path[0] = root
    while (depth >= 0) {
      const s = path[depth] as number
      if (found[s] === NEW) {
        if (foundCount % SLICE === 0) yield sorted
        found[s] = low[s] = foundCount++
        open[openCount++] = s
        nextEdge[s] = firstEdge[s] as number
      }
      const edge = nextEdge[s] as number
      if (edge < (firstEdge[s + 1] as number)) {
        nextEdge[s] = edge + 1
        const t = to[edge] as number
        if (t === s) cyclic = true
        if (found[t] === NEW) path[++depth] = t
        else if (of[t] === NEW) low[s] = Math.min(low[s] as number, found[t] as number)
        continue
      }
      if (low[s] === found[s]) {
        const before = sorted
        for (let member = NEW; member !== s; ) {
          member = open[--openCount] as number
          of[member] = starts.length
          order[sorted++] = member
        }
        starts.push(before)
        if (sorted - before > 1) cyclic = true
      }
      depth--
      if (depth >= 0) {
        const above = path[depth] as number
        low[above] = Math.min(low[above] as number, low[s] as number)
      }
    }
  }
  starts.push(states)
  return { count: starts.length - 1, of, order, first: Uint32Array.from(starts), cyclic }
}
