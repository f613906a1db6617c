import type { AlignedRow, Run } from '../../core/conformance/align.ts'
import type { Claim } from '../../core/conformance/claims.ts'
import type { OperationReport } from '../../core/conformance/report.ts'
import { hexAddr } from '../../core/units.ts'
import { Mark } from '../shared/Mark.tsx'
import { CallbackTable } from './CallbackTable.tsx'
import { VerdictBadge } from './Verdict.tsx'

interface Props {
  readonly operation: OperationReport
  readonly kernel: string
}

/** One operation: what the real kernel did beside what the model does, what was measured, and what follows. */
export function OperationCard({ operation, kernel }: Props) {
  const { name, description, verdict, differences, rows, callbacks, claims } = operation
  const pages = description.range.end - description.range.start
  return (
    <article className="operation">
      <h3>
        {name}() of {pages} {pages === 1 ? 'page' : 'pages'} at {hexAddr(description.range.start)}
        <VerdictBadge verdict={verdict} />
      </h3>
      {differences.length > 0 && (
        <ul className="differences">
          {differences.slice(0, 20).map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      <div className="operation-tables">
        <PhaseTable rows={rows} kernel={kernel} modelled={verdict !== 'not-modelled'} />
        <div>
          <CallbackTable callbacks={callbacks} />
          <Claims claims={claims} />
        </div>
      </div>
    </article>
  )
}

interface PhaseTableProps {
  readonly rows: readonly AlignedRow[]
  readonly kernel: string
  readonly modelled: boolean
}

/** Phase beside phase, equal neighbours in one row. */
function PhaseTable({ rows, kernel, modelled }: PhaseTableProps) {
  return (
    <table className="compare-table phase-table">
      <caption>Phases in order</caption>
      <thead>
        <tr>
          <th scope="col">{kernel}, recorded</th>
          <th scope="col">The model</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr
            key={`${row.observed?.position ?? ''} ${row.simulated?.position ?? ''}`}
            className={row.same || !modelled ? '' : 'differs'}
          >
            <RunCell run={row.observed} />
            <RunCell run={row.simulated} />
            <td>{!modelled ? <span className="muted">none</span> : row.same ? 'same' : verdictOf(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function verdictOf({ observed, simulated }: AlignedRow): string {
  if (observed === null) return 'only in the model'
  return simulated === null ? 'only recorded' : 'not as often'
}

function RunCell({ run }: { readonly run: Run | null }) {
  return (
    <td className={run === null ? 'is-missing' : 'mono'}>
      {run === null ? 'none' : run.phase}
      {run !== null && run.count > 1 && <b> ×{run.count}</b>}
    </td>
  )
}

/** The sentences on which a device's safety rests. */
function Claims({ claims }: { readonly claims: readonly Claim[] }) {
  return (
    <table className="compare-table claim-table">
      <caption>What a device may rely on</caption>
      <thead>
        <tr>
          <th scope="col">Claim</th>
          <th scope="col">Measured</th>
          <th scope="col">Model</th>
        </tr>
      </thead>
      <tbody>
        {claims.map(claim => (
          <tr key={claim.sentence}>
            <th scope="row">{claim.sentence}</th>
            <Held holds={claim.measured} />
            <Held holds={claim.simulated} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Held({ holds }: { readonly holds: Claim['measured'] }) {
  return (
    <td className={holds === 'fails' ? 'is-broken' : holds === 'holds' ? '' : 'muted'}>
      {holds !== 'not measured' && <Mark kind={holds === 'holds' ? 'holds' : 'violated'} />} {holds}
    </td>
  )
}
