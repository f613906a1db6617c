import { path, type SymbolType, symbolCircle, symbolCross, symbolDiamond2, symbolTriangle } from 'd3'
import { MARK, STANDINGS, type Standing } from '../../../core/studies/state-facts.ts'

interface Sign {
  readonly shape: SymbolType
  /** Turned by so much, in radians. */
  readonly turn: number
  /** On the legend, and of a single state. */
  readonly words: string
}

/** A shape for each standing, so that none is told by its colour alone. */
export const SIGNS: Readonly<Record<Standing, Sign>> = {
  calm: { shape: symbolCircle, turn: 0, words: 'nothing waits to be freed, no rule is broken' },
  gap: { shape: symbolDiamond2, turn: 0, words: 'unmapped, not yet freed' },
  broken: { shape: symbolTriangle, turn: 0, words: 'a rule is broken, freed memory not used' },
  harm: { shape: symbolCross, turn: Math.PI / 4, words: 'freed memory was used' },
}

export const signOf = (standing: number): Sign => SIGNS[STANDINGS[standing] ?? 'calm']

/** Rings around a node, by what else is true of it. */
export const RINGS = [
  { mark: MARK.initial, ring: 'initial', words: 'the start' },
  { mark: MARK.final, ring: 'final', words: 'final: everybody is done' },
  { mark: MARK.stuck, ring: 'stuck', words: 'stuck: somebody is not done, nobody can move' },
] as const
export type Ring = (typeof RINGS)[number]['ring']

/** Adds a shape to a path. All shapes of one radius have the same area. */
export function addSign(context: Path, standing: number, x: number, y: number, radius: number): void {
  const { shape, turn } = signOf(standing)
  // Everything is drawn around the origin: a path takes the place at which it is drawn.
  const at = placed(context, x, y, Math.cos(turn), Math.sin(turn))
  shape.draw(at as never, Math.PI * radius * radius)
}

/** The little that shapes need of a canvas, and of what writes paths for SVG. */
export interface Path {
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  closePath(): void
  rect(x: number, y: number, width: number, height: number): void
  arc(x: number, y: number, radius: number, from: number, to: number): void
}

/** Passes everything on, moved and turned. What is turned has no arcs and no rectangles. */
function placed(path: Path, x: number, y: number, cos: number, sin: number): Path {
  return {
    moveTo: (a, b) => path.moveTo(x + a * cos - b * sin, y + a * sin + b * cos),
    lineTo: (a, b) => path.lineTo(x + a * cos - b * sin, y + a * sin + b * cos),
    closePath: () => path.closePath(),
    rect: (a, b, width, height) => path.rect(x + a, y + b, width, height),
    arc: (a, b, radius, from, to) => path.arc(x + a, y + b, radius, from, to),
  }
}

/** A shape as the path of an SVG, around the origin. */
export function signPath(standing: number, radius: number): string {
  const d = path()
  addSign(d, standing, 0, 0, radius)
  return d.toString()
}
