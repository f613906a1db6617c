import { unitBeside } from '../shared/unit-beside.ts'
import type { Fact } from './facts.ts'

/** What both sides have cost after each row, by measure. */
export interface PairedCosts {
  readonly here: readonly SideMeasure[]
  readonly there: readonly SideMeasure[]
  readonly rows: readonly { readonly here: readonly number[]; readonly there: readonly number[] }[]
}

interface SideMeasure {
  readonly title: string
  readonly unit: string
  /** Why this side cannot show it. */
  readonly absent: string | null
}

/** What the two sides have cost after a row: every measure that one of them can show. */
export function costFacts({ here, there, rows }: PairedCosts, row: number): readonly Fact[] {
  const counts = rows[row]
  return here.flatMap((measure, i): Fact[] => {
    const other = there[i]
    if (counts === undefined || other === undefined || (measure.absent !== null && other.absent !== null)) return []
    const left = textOf(measure, counts.here[i])
    const right = textOf(other, counts.there[i])
    return [{ group: 'Cost', name: nameOf(measure), here: left, there: right, same: left === right }]
  })
}

const textOf = ({ absent }: SideMeasure, count = 0): string => absent ?? `${count}`.replace('-', '−')

function nameOf({ title, unit }: SideMeasure): string {
  const beside = unitBeside(title, unit)
  return beside === '' ? title : `${title}, ${beside}`
}
