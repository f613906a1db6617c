import type { Scene } from './scene.ts'
import { radiusOf, type View, xOf, yOf } from './view.ts'

/** How far beside a node a pointer may be and still mean it, in pixels. */
const REACH = 12

/** The node under a point of the canvas, or -1. */
export function nodeUnder(scene: Scene, view: View, x: number, y: number): number {
  let best = -1
  let nearest = Number.POSITIVE_INFINITY
  for (let node = 0; node < scene.nodes; node++) {
    const dx = xOf(view, scene.x[node] as number) - x
    if (Math.abs(dx) > 40) continue
    const dy = yOf(view, scene.y[node] as number) - y
    const distance = Math.hypot(dx, dy) - radiusOf(view, scene, node)
    if (distance < nearest && distance <= REACH) {
      best = node
      nearest = distance
    }
  }
  return best
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/**
 * Where an arrow key leads. Left and right follow a move, to the nearest of those that lead there; up and down go to the next in
 * the same column. Where there is no such move or neighbour, the nearest node on that side; where there is none, nowhere.
 */
export function nodeBeside(scene: Scene, node: number, direction: Direction): number {
  const sideways = direction === 'left' || direction === 'right'
  const sign = direction === 'left' || direction === 'up' ? -1 : 1
  const [along, beside] = sideways ? [scene.x, scene.y] : [scene.y, scene.x]
  const ahead = (other: number) => sign * ((along[other] as number) - (along[node] as number))
  const aside = (other: number) => Math.abs((beside[other] as number) - (beside[node] as number))
  if (sideways) {
    const linked = least(neighboursOf(scene, node), other => weight(ahead(other), aside(other)))
    if (linked !== undefined) return linked
    return least(range(scene.nodes), other => weight(ahead(other), aside(other))) ?? node
  }
  const inColumn = least(range(scene.nodes), other => (aside(other) === 0 ? weight(ahead(other), 0) : NEVER))
  return inColumn ?? least(range(scene.nodes), other => weight(aside(other), ahead(other), ahead(other) > 0)) ?? node
}

const NEVER = Number.POSITIVE_INFINITY

/** First comes what is nearer along the way, then what is nearer beside it. What does not lie ahead is nowhere. */
const weight = (first: number, second: number, lies = first > 0): number => (lies ? first * 1000 + second : NEVER)

function* range(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i
}

function neighboursOf({ from, to }: Scene, node: number): number[] {
  const found: number[] = []
  for (let e = 0; e < from.length; e++) {
    if (from[e] === node) found.push(to[e] as number)
    if (to[e] === node) found.push(from[e] as number)
  }
  return found
}

/** The lightest one; none where all weigh NEVER. */
function least(nodes: Iterable<number>, weigh: (node: number) => number): number | undefined {
  let best: number | undefined
  let lightest = NEVER
  for (const node of nodes) {
    const w = weigh(node)
    if (w >= lightest) continue
    best = node
    lightest = w
  }
  return best
}
