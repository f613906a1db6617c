import { useState } from 'react'
import { STANDINGS } from '../../../core/studies/state-facts.ts'
import type { StateGraph } from '../../../core/studies/state-graph.ts'
import { SIGNS } from './signs.ts'

interface Props {
  readonly graph: StateGraph
  readonly hrefOf: (group: number) => string
  readonly count: (n: number) => string
}

/** The picture of groups to be read. Drawn when it is opened: it has hundreds of rows. */
export function GroupsTable({ graph, hrefOf, count }: Props) {
  const [open, setOpen] = useState(false)
  const { groups, rows } = graph.grouping
  return (
    <details className="graph-table" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>All {count(groups.length)} groups as a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="graph-table-scroll" aria-label="Groups of states" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Steps</th>
                <th scope="col">{graph.cpu}</th>
                <th scope="col">What is true</th>
                <th scope="col">States</th>
                <th scope="col">Final</th>
                <th scope="col">Moves out</th>
                <th scope="col">Shortest run</th>
              </tr>
            </thead>
            <tbody>
              {groups.map((g, i) => {
                const steps = g.first === g.last ? `${g.first}` : `${g.first} to ${g.last}`
                const standing = SIGNS[STANDINGS[g.standing] ?? 'calm'].words
                return (
                  <tr key={g.nearest}>
                    <th scope="row">{steps}</th>
                    <td>{rows[g.row]?.title}</td>
                    <td>{standing}</td>
                    <td>{count(g.states)}</td>
                    <td>{g.final === 0 ? '' : count(g.final)}</td>
                    <td>{count(g.movesBy.reduce((sum, n) => sum + n, 0))}</td>
                    <td>
                      <a href={hrefOf(i)} aria-label={`Watch: ${steps} steps, ${rows[g.row]?.title}, ${standing}`}>
                        Watch
                      </a>
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}
