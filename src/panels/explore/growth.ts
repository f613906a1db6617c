import { area, curveMonotoneX, line, max, scaleLinear } from 'd3'

/** The state with which a search that found something ended: how far it is, and how many states had been found. */
export interface Found {
  readonly depth: number
  readonly states: number
}

/** All states at the same distance from the first. */
export interface LevelCount {
  readonly depth: number
  readonly width: number
  /** States found up to here. */
  readonly states: number
}

export interface Growth {
  readonly area: string
  readonly outline: string
  readonly states: string
  readonly peak: { readonly x: number; readonly y: number; readonly level: LevelCount } | null
  /** Where a search that found something ended. */
  readonly end: { readonly x: number; readonly y: number } | null
  readonly ticks: readonly { readonly x: number; readonly label: string }[]
}

interface Box {
  readonly width: number
  readonly height: number
}

const FIRST: LevelCount = { depth: 0, width: 1, states: 1 }

/** Every level, from the first state on. */
export const fromTheFirst = (levels: readonly LevelCount[]): readonly LevelCount[] => [FIRST, ...levels]

/**
 * The frontier as an area and the states found as a line over depth, each on a scale of its own from zero: shapes are to be
 * compared, and the numbers stand beside them.
 */
export function layOutGrowth(counted: readonly LevelCount[], { width, height }: Box, found: Found | null): Growth {
  const levels = fromTheFirst(counted)
  const last = levels.at(-1) ?? FIRST
  const deepest = Math.max(1, last.depth, found?.depth ?? 0)
  const x = scaleLinear([0, deepest], [0, width])
  const wide = scaleLinear([0, max(levels, l => l.width) ?? 1], [height, 0])
  const all = scaleLinear([0, found?.states ?? last.states], [height, 0])
  const peak = levels.reduce((widest, l) => (l.width > widest.width ? l : widest))
  const xOf = (l: LevelCount) => x(l.depth)
  const frontier = (l: LevelCount) => wide(l.width)
  return {
    area: area<LevelCount>(xOf, height, frontier).curve(curveMonotoneX)([...levels]) ?? '',
    outline: line<LevelCount>(xOf, frontier).curve(curveMonotoneX)([...levels]) ?? '',
    states:
      line<Found>(
        p => x(p.depth),
        p => all(p.states),
      ).curve(curveMonotoneX)(found === null ? [...levels] : [...levels, found]) ?? '',
    peak: levels.length < 3 ? null : { x: xOf(peak), y: frontier(peak), level: peak },
    end: found === null ? null : { x: x(found.depth), y: all(found.states) },
    ticks: [
      ...new Set([
        0,
        ...x.ticks(5).filter(t => Number.isInteger(t) && t > deepest / 6 && deepest - t > deepest / 12),
        deepest,
      ]),
    ].map(t => ({
      x: x(t),
      label: `${t}`,
    })),
  }
}
