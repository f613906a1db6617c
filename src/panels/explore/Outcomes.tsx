import type { Outcome, Outcomes as OutcomesAnswer } from '../../core/studies/outcomes.ts'
import { isHarm } from '../../core/studies/witness.ts'
import { Mark, type MarkKind } from '../shared/Mark.tsx'
import { type FateTone, fateText, fateTone } from './fates.ts'
import './outcomes.css'
import { Percent, Runs } from './Weights.tsx'

interface Props {
  readonly answer: OutcomesAnswer
  /** Where a run can be watched. */
  readonly hrefOf: (schedule: string) => string
  readonly count: (n: number) => string
}

type Harm = Outcome['harm']
interface Group {
  readonly harm: Harm
  readonly title: string
  readonly mark: MarkKind
}
const GROUPS: readonly Group[] = [
  { harm: 'harm', title: 'Harm', mark: 'violated' },
  { harm: 'rule-broken', title: 'A rule broken, without harm', mark: 'warning' },
  { harm: 'none', title: 'No rule broken', mark: 'holds' },
]

const sharesOf = (outcomes: readonly Outcome[]): number => outcomes.reduce((sum, o) => sum + o.share, 0)

/** A histogram of how all runs end: harm first, each outcome with a run to watch. */
export function Outcomes({ answer, hrefOf, count }: Props) {
  const { outcomes } = answer
  const groups = GROUPS.map(group => ({ ...group, outcomes: outcomes.filter(o => o.harm === group.harm) })).filter(
    group => group.outcomes.length > 0,
  )
  const rules = new Map(outcomes.flatMap(o => o.rules.map(r => [r.id, r.sentence])))
  return (
    <div className="outcomes">
      <Lead answer={answer} count={count} />
      <div className="outcome-whole" aria-hidden="true">
        {groups.map(g => (
          <span key={g.harm} className={`outcome-part part-${g.harm}`} style={{ flexGrow: sharesOf(g.outcomes) }} />
        ))}
      </div>
      <table className="outcome-table">
        <caption className="unseen">Outcomes of all runs, harm first</caption>
        <thead>
          <tr>
            <th scope="col">{answer.weighing === 'runs' ? 'Share of runs' : 'Chance'}</th>
            <th scope="col">What the accesses came to</th>
            <th scope="col">Rules broken</th>
            {answer.runsLog2 !== null && (
              <th scope="col" className="is-number">
                Runs
              </th>
            )}
            <th scope="col" className="is-number">
              Final states
            </th>
            <th scope="col">A shortest run</th>
          </tr>
        </thead>
        {groups.map(g => (
          <tbody key={g.harm} className={`outcome-group group-${g.harm}`}>
            <tr className="outcome-head">
              <th scope="rowgroup" colSpan={answer.runsLog2 === null ? 5 : 6}>
                <Mark kind={g.mark} /> {g.title}{' '}
                <span className="outcome-sum">
                  <Percent share={sharesOf(g.outcomes)} />
                </span>
              </th>
            </tr>
            {g.outcomes.map(o => (
              <Row key={o.schedule} outcome={o} runsLog2={answer.runsLog2} hrefOf={hrefOf} count={count} />
            ))}
          </tbody>
        ))}
      </table>
      {rules.size > 0 && (
        <dl className="outcome-rules">
          {[...rules].sort().map(([id, sentence]) => (
            <div key={id}>
              <dt>{id}</dt>
              <dd>{sentence}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

function Lead({ answer, count }: Omit<Props, 'hrefOf'>) {
  const { outcomes, weighing, runsLog2, finalStates } = answer
  const harm = sharesOf(outcomes.filter(o => o.harm === 'harm'))
  const states = `${count(finalStates)} final ${finalStates === 1 ? 'state' : 'states'}`
  return (
    <div className="look-lead">
      <p className={`look-headline ${harm > 0 ? 'is-harm' : 'is-fine'}`}>
        <Mark kind={harm > 0 ? 'violated' : 'holds'} />{' '}
        {harm === 0 ? (
          'No run does harm.'
        ) : weighing === 'runs' ? (
          <span>
            <Percent share={harm} /> of all runs do harm.
          </span>
        ) : (
          <span>
            The chance of harm is <Percent share={harm} />.
          </span>
        )}
      </p>
      {runsLog2 === null ? (
        <p>
          Runs cannot be counted here: some can go round in a circle without end, such as a device that tries again.
          Each share is the chance to end so when every move that can be made is as likely as the others. {states}.
        </p>
      ) : (
        <p>
          <Runs log2={runsLog2} count={count} /> complete runs, each counted once, and {states}. The model knows no
          time, so these are shares of runs, not how often real hardware fails.
        </p>
      )}
    </div>
  )
}

interface RowProps {
  readonly outcome: Outcome
  readonly runsLog2: number | null
  readonly hrefOf: Props['hrefOf']
  readonly count: Props['count']
}

function Row({ outcome, runsLog2, hrefOf, count }: RowProps) {
  const { share, rules, finalStates, schedule, steps, ending } = outcome
  return (
    <tr className="outcome">
      <td className="outcome-share">
        <Percent share={share} />
        <span className="outcome-bar" aria-hidden="true">
          <span style={{ width: `${100 * share}%` }} />
        </span>
      </td>
      <th scope="row" className="outcome-what">
        <What outcome={outcome} />
      </th>
      <td className="outcome-broken">
        {rules.length === 0 ? (
          <span className="muted">none</span>
        ) : (
          rules.map(r => (
            <span key={r.id} className="outcome-rule" title={r.sentence}>
              {r.id}{' '}
            </span>
          ))
        )}
      </td>
      {runsLog2 !== null && (
        <td className="is-number">
          <Runs log2={runsLog2 + Math.log2(share)} count={count} />
          <span className="outcome-unit"> runs</span>
        </td>
      )}
      <td className="is-number">
        {ending === 'never' ? 'none' : count(finalStates)}
        <span className="outcome-unit"> final {finalStates === 1 ? 'state' : 'states'}</span>
      </td>
      <td className="outcome-watch">
        <a className="look-watch" href={hrefOf(schedule)}>
          Watch<span className="unseen"> a shortest run in which {spokenOf(outcome)}</span>
        </a>{' '}
        <span className="muted">{count(steps)} steps</span>
      </td>
    </tr>
  )
}

const toneMarks: Readonly<Record<FateTone, MarkKind>> = { harm: 'violated', unmapped: 'unmapped', own: 'mapped' }

function What({ outcome: { accessors, ending, waiting } }: { readonly outcome: Outcome }) {
  return (
    <>
      {accessors.map(({ name, fates, refused }) => (
        <span key={name} className="outcome-who">
          <strong>{name}</strong>{' '}
          {[...fates.filter(isHarm), ...fates.filter(fate => !isHarm(fate))].map(fate => (
            <span key={fateText(fate)} className={`fate fate-${fateTone(fate)}`}>
              <Mark kind={toneMarks[fateTone(fate)]} />
              {fateText(fate)}
            </span>
          ))}
          {refused && (
            <span className="fate fate-refused">
              <Mark kind="freed" />
              was refused, and stopped
            </span>
          )}
          {fates.length === 0 && !refused && <span className="fate">accessed nothing</span>}
        </span>
      ))}
      {ending !== 'finished' && (
        <span className="outcome-who">
          <strong>{ending === 'stuck' ? 'Stuck' : 'Never ends'}</strong>{' '}
          <span className="fate fate-stuck">
            <Mark kind="warning" />
            {waiting.join('; ')}
          </span>
        </span>
      )}
    </>
  )
}

/** As a clause: `GPU 0 read its own page, was refused`. */
function spokenOf({ accessors, ending }: Outcome): string {
  const clauses = accessors.map(({ name, fates, refused }) => {
    const met = [...fates.map(fateText), ...(refused ? ['was refused'] : [])]
    return `${name} ${met.length === 0 ? 'accessed nothing' : met.join(', ')}`
  })
  return [
    ...clauses,
    ...(ending === 'finished' ? [] : [ending === 'stuck' ? 'nobody can move' : 'it never ends']),
  ].join('; ')
}
