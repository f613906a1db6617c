import type { WorldView } from '../../core/view/world.ts'
import { costFacts, type PairedCosts } from './cost-facts.ts'
import { type Fact, factsOf } from './facts.ts'

interface Props {
  /** From 1. */
  readonly row: number
  readonly world: WorldView
  readonly other: WorldView
  readonly costs: PairedCosts
  readonly here: string
  readonly there: string
}

/** The two worlds as a table: every page, cached entry and rule, and what it has cost so far, with what differs marked. */
export function FactTable({ row, world, other, costs, here, there }: Props) {
  const facts = [...factsOf(world, other), ...costFacts(costs, row - 1)]
  return (
    <table className="compare-table fact-table">
      <thead>
        <tr>
          <th scope="col">State after row {row}</th>
          <th scope="col">{here}</th>
          <th scope="col">{there}</th>
        </tr>
      </thead>
      <tbody>
        {facts.map((fact, i) => (
          <tr key={`${fact.group} ${fact.name}`} className={fact.same ? undefined : 'differs'}>
            <th scope="row">
              {facts[i - 1]?.group !== fact.group && <span className="fact-group">{fact.group}</span>}
              {fact.name}
            </th>
            <FactCell fact={fact} value={fact.here} />
            <FactCell fact={fact} value={fact.there} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function FactCell({ fact, value }: { readonly fact: Fact; readonly value: string }) {
  const broken = fact.group === 'Rules' && value !== 'holds'
  return (
    <td className={broken ? 'is-broken' : value === 'none' ? 'muted' : undefined}>
      {value}
      {!fact.same && <span className="unseen"> (differs)</span>}
    </td>
  )
}
