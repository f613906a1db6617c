import { max, min, scaleLinear, scalePoint } from 'd3'
import type { CostColumn, Point, Series } from './series.ts'

/** Where things stand in one small chart, in pixels. */
export interface CostLayout {
  readonly ticks: readonly { readonly y: number; readonly label: string }[]
  readonly kernels: readonly { readonly label: string; readonly x: number; readonly current: boolean }[]
  /** By column; null where the measure cannot be shown. */
  readonly marks: readonly (MarkLayout | null)[]
  /** By column: its middle. */
  readonly xs: readonly number[]
  /** Half the way from a column to the next. */
  readonly half: number
}

export interface MarkLayout {
  readonly x: number
  readonly fair: number | null
  readonly mean: number | null
  readonly least: number | null
  readonly most: number | null
  /** There is no most: the line goes on. */
  readonly open: boolean
  /** Stands above the mark; null where the column before says the same. */
  readonly label: { readonly y: number; readonly text: string } | null
}

export interface Box {
  readonly width: number
  readonly height: number
}

/** Lays a measure out: columns across in the slider's order, values upwards from zero. */
export function layOutCost(
  { points }: Series,
  columns: readonly CostColumn[],
  { width, height }: Box,
  text: (n: number | null) => string,
): CostLayout {
  const values = points.flatMap(valuesOf)
  const top = Math.max(1, max(values) ?? 1)
  const y = scaleLinear([Math.min(0, min(values) ?? 0), top], [height, 0]).nice(4)
  const x = scalePoint<number>(
    columns.map((_, i) => i),
    [0, width],
  ).padding(0.6)
  const at = (n: number | null | undefined): number | null => (n === null || n === undefined ? null : y(n))
  const marks = points.map((point, i): MarkLayout | null => {
    if (point.absent !== null) return null
    const open = point.range?.most.value === null
    const said = labelOf(point, text)
    const before = columns.findLastIndex((c, n) => n < i && c.driver === columns[i]?.driver)
    const same = before >= 0 && labelOf(points[before], text) === said
    const highest = open ? 0 : Math.min(...valuesOf(point).map(v => y(v)))
    return {
      x: x(i) ?? 0,
      fair: at(point.fair.value),
      mean: at(point.mean),
      least: at(point.range?.least.value),
      most: open ? 0 : at(point.range?.most.value),
      open,
      label: same ? null : { y: highest, text: said },
    }
  })
  return {
    ticks: y
      .ticks(3)
      .filter(Number.isInteger)
      .map(t => ({ y: y(t), label: text(t) })),
    kernels: kernelsAcross(columns, i => x(i) ?? 0),
    xs: columns.map((_, i) => x(i) ?? 0),
    half: x.step() / 2,
    marks: apart(marks, x.step()),
  }
}

/** Characters of a label are about so wide, and a line of them so high. */
const CHARACTER = 6.5
const LINE = 12

/** Where two labels would lie upon each other, the second stands a line higher. */
function apart(marks: readonly (MarkLayout | null)[], step: number): (MarkLayout | null)[] {
  const placed: (MarkLayout | null)[] = []
  for (const mark of marks) {
    const before = placed.at(-1)?.label
    const label = mark?.label
    const wide = before && label ? (CHARACTER * (before.text.length + label.text.length)) / 2 > step : false
    const meets = before && label && wide && Math.abs(before.y - label.y) < LINE
    placed.push(mark !== null && meets ? { ...mark, label: { ...label, y: before.y - LINE } } : mark)
  }
  return placed
}

/** A kernel stands in the middle of its drivers. */
function kernelsAcross(columns: readonly CostColumn[], x: (i: number) => number): CostLayout['kernels'] {
  const names = [...new Set(columns.map(c => c.kernel))]
  return names.map(label => {
    const of = columns.flatMap((c, i) => (c.kernel === label ? [i] : []))
    const first = x(of[0] ?? 0)
    return { label, x: (first + x(of.at(-1) ?? 0)) / 2, current: of.some(i => columns[i]?.current === true) }
  })
}

function valuesOf(point: Point): number[] {
  if (point.absent !== null) return []
  return [point.fair.value, point.mean, point.range?.least.value, point.range?.most.value].filter(
    (v): v is number => typeof v === 'number',
  )
}

/** The mean, which all three of the others lie around. */
const labelOf = (point: Point | undefined, text: (n: number | null) => string): string =>
  point === undefined || point.absent !== null || point.mean === null ? '' : text(point.mean)
