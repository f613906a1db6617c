import type { CallbackFacts, ComparedCallback } from '../../core/conformance/facts.ts'

interface Props {
  readonly callbacks: readonly ComparedCallback[]
}

/** What stood in the page table, and which pages were free, at the moment of each callback. */
export function CallbackTable({ callbacks }: Props) {
  if (callbacks.length === 0) return <p className="muted">No callback of a notifier was recorded here.</p>
  return (
    <table className="compare-table callback-table">
      <caption>Measured at each callback</caption>
      <thead>
        <tr>
          <th scope="col">Callback</th>
          <th scope="col">Pages mapped</th>
          <th scope="col">Pages freed</th>
          <th scope="col">Tables linked</th>
          <th scope="col">Tables freed</th>
        </tr>
      </thead>
      <tbody>
        {callbacks.map(c => (
          <tr key={`${c.callback} ${c.number}`} className={c.agree === false ? 'differs' : ''}>
            <th scope="row" className="mono">
              {c.callback}
              {c.number > 1 && ` (${c.number})`}
            </th>
            <FactCell facts={c} of="mapped" total="pages" />
            <FactCell facts={c} of="freed" total="pages" />
            <FactCell facts={c} of="tablesLinked" total="tables" />
            <FactCell facts={c} of="tablesFreed" total="tables" />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface FactCellProps {
  readonly facts: ComparedCallback
  readonly of: keyof CallbackFacts
  readonly total: keyof CallbackFacts
}

/** `4 of 4`; the model's count is added where it is another. */
function FactCell({ facts: { measured, simulated }, of, total }: FactCellProps) {
  const text = (f: CallbackFacts) => `${f[of]} of ${f[total]}`
  if (measured === null)
    return <td className="muted">{simulated === null ? 'unknown' : `model: ${text(simulated)}`}</td>
  return (
    <td>
      {text(measured)}
      {simulated !== null && simulated[of] !== measured[of] && <span className="muted"> model: {text(simulated)}</span>}
    </td>
  )
}
