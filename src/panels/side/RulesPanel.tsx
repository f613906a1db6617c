import type { RuleView } from '../../core/view/world.ts'
import { Mark } from '../shared/Mark.tsx'
import '../shared/shared.css'
import './side.css'

export interface RulesProps {
  readonly rules: readonly RuleView[]
}

export const verdictWord: Readonly<Record<RuleView['verdict'], string>> = {
  holds: 'holds',
  warning: 'about to break',
  violated: 'broken',
}

const order: readonly RuleView['verdict'][] = ['violated', 'warning', 'holds']

/** Each rule with its verdict in this state, the worst first. */
export function RulesPanel({ rules }: RulesProps) {
  const sorted = order.flatMap(verdict => rules.filter(r => r.verdict === verdict))
  return (
    <div className="side-panel">
      <h2 className="side-heading">Rules in this state</h2>
      <ul className="rules">
        {sorted.map(rule => (
          <li key={rule.id} className={`rule rule-${rule.verdict}`}>
            <p className="rule-head">
              <Mark kind={rule.verdict} />
              <b>{rule.id}</b>
              <span className="rule-word">{verdictWord[rule.verdict]}</span>
            </p>
            <h3 className="rule-sentence">{rule.sentence}</h3>
            {rule.detail !== '' && <p className="rule-detail">{rule.detail}</p>}
          </li>
        ))}
      </ul>
    </div>
  )
}
