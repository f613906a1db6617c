import type { Claim } from '../../core/conformance/claims.ts'
import { Mark } from '../shared/Mark.tsx'

/** The sentences on which a device's safety rests, tried on the measurements and on the model. */
export function Claims({ claims }: { readonly claims: readonly Claim[] }) {
  return (
    <table className="claims">
      <caption className="panel-title">What a device may rely on</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">Measured</th>
          <th scope="col">Model</th>
        </tr>
      </thead>
      <tbody>
        {claims.map(claim => (
          <tr key={claim.sentence}>
            <th scope="row">
              {claim.sentence}
              {claim.where !== null && <span className="is-broken"> {claim.where}</span>}
            </th>
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
    <td className={holds === 'fails' ? 'is-broken' : holds === 'holds' ? 'is-held' : 'muted'}>
      {holds !== 'not measured' && <Mark kind={holds === 'holds' ? 'holds' : 'violated'} />} {holds}
    </td>
  )
}
