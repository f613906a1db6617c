import { useMemo, useState } from 'react'
import type { WorldView } from '../../core/view/world.ts'
import '../shared/shared.css'
import './side.css'
import { type DiffCell, type DiffRow, type DiffTable, diffTables } from './diff.ts'
import { tablesOf } from './tables.ts'

export interface StateProps {
  readonly world: WorldView
  /** The state one step earlier, for the diff; null at the start. */
  readonly before: WorldView | null
}

/** Rows drawn of one table until the reader asks for all. */
const MOST_ROWS = 200

/** Every picture of the stage as a table, with what the last step changed marked by word and colour. */
export function StatePanel({ world, before }: StateProps) {
  const [changedOnly, setChangedOnly] = useState(false)
  const tables = useMemo(() => diffTables(tablesOf(world), before === null ? null : tablesOf(before)), [world, before])
  const shown = changedOnly ? tables.filter(t => t.changes > 0) : tables
  const changes = tables.reduce((sum, t) => sum + t.changes, 0)
  return (
    <div className="side-panel">
      <div className="state-head">
        <h2 className="side-heading">State in tables</h2>
        <label className="check">
          <input type="checkbox" checked={changedOnly} onChange={event => setChangedOnly(event.target.checked)} />
          only what changed
        </label>
      </div>
      <p className="state-note">
        {before === null
          ? 'The state before the first step.'
          : `${changes} ${changes === 1 ? 'row differs' : 'rows differ'} from the step before.`}
      </p>
      {shown.map(table => (
        <Twin key={table.id} table={table} changedOnly={changedOnly} />
      ))}
    </div>
  )
}

function Twin({ table, changedOnly }: { readonly table: DiffTable; readonly changedOnly: boolean }) {
  const [all, setAll] = useState(false)
  const wanted = changedOnly ? table.rows.filter(r => r.change !== 'same') : table.rows
  const rows = all ? wanted : wanted.slice(0, MOST_ROWS)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="twin" tabIndex={0} aria-label={table.caption}>
      <table>
        <caption>
          {table.caption}
          {table.changes > 0 && <span className="twin-changes">{table.changes} changed</span>}
        </caption>
        {rows.length > 0 && (
          <thead>
            <tr>
              {table.columns.map(name => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map(r => (
            <Row key={`${r.change === 'gone' ? 'gone ' : ''}${r.key}`} row={r} columns={table.columns} />
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={table.columns.length} className="twin-empty">
                empty
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {wanted.length > rows.length && (
        <button type="button" className="link-button" onClick={() => setAll(true)}>
          Show all {wanted.length} rows
        </button>
      )}
    </section>
  )
}

function Row({ row, columns }: { readonly row: DiffRow; readonly columns: readonly string[] }) {
  const [name, ...rest] = row.cells
  const sign = { same: '', changed: '', new: 'new', gone: 'gone' }[row.change]
  return (
    <tr className={`row-${row.change}`}>
      <th scope="row">
        {name !== undefined && <Cell cell={name} />}
        {sign !== '' && <span className="row-sign">{sign}</span>}
      </th>
      {rest.map((cell, i) => (
        <td key={columns[i + 1] ?? ''} className={cell.was === null ? '' : 'cell-changed'}>
          <Cell cell={cell} />
        </td>
      ))}
    </tr>
  )
}

function Cell({ cell }: { readonly cell: DiffCell }) {
  if (cell.was === null) return cell.text
  return (
    <>
      <ins>{cell.text || 'nothing'}</ins> <del>was {cell.was || 'nothing'}</del>
    </>
  )
}
