import type { TableRow, TableTwin } from './tables.ts'

export type RowChange = 'same' | 'changed' | 'new' | 'gone'

export interface DiffCell {
  readonly text: string
  /** What stood here one step earlier, when that differs. */
  readonly was: string | null
}

export interface DiffRow {
  readonly key: string
  readonly change: RowChange
  readonly cells: readonly DiffCell[]
}

export interface DiffTable {
  readonly id: string
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly DiffRow[]
  /** How many rows are not the same. */
  readonly changes: number
}

/** Every table with what changed in it. Without an earlier state nothing has changed. */
export function diffTables(now: readonly TableTwin[], before: readonly TableTwin[] | null): readonly DiffTable[] {
  const gone = (before ?? []).filter(t => !now.some(n => n.id === t.id)).map(t => ({ ...t, rows: [] as TableRow[] }))
  return [...now, ...gone].map(table => {
    const old = before === null ? table : before.find(t => t.id === table.id)
    const rows = diffRows(table.rows, old?.rows ?? [])
    return { ...table, rows, changes: rows.filter(r => r.change !== 'same').length }
  })
}

function diffRows(now: readonly TableRow[], before: readonly TableRow[]): readonly DiffRow[] {
  const old = new Map(before.map(r => [r.key, r]))
  const rows = now.map((r): DiffRow => {
    const then = old.get(r.key)
    old.delete(r.key)
    if (then === undefined) return { key: r.key, change: 'new', cells: r.cells.map(text => ({ text, was: null })) }
    const cells = r.cells.map((text, i) => ({ text, was: then.cells[i] === text ? null : (then.cells[i] ?? '') }))
    return { key: r.key, change: cells.some(c => c.was !== null) ? 'changed' : 'same', cells }
  })
  const left = [...old.values()].map(
    (r): DiffRow => ({ key: r.key, change: 'gone', cells: r.cells.map(text => ({ text, was: null })) }),
  )
  return [...rows, ...left]
}
