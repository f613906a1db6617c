import type { KnockOut } from '../../../core/studies/knock-outs.ts'
import type { BrokenRun, Cut, Moved, RuleWhy, WhySafe } from '../../../core/studies/why-safe-answer.ts'
import { Mark } from '../../shared/Mark.tsx'
import { Point } from './Point.tsx'
import { Watch } from './Watch.tsx'
import { called, headline, list, mended, type OtherSettings, stackOf } from './words.ts'
import './why.css'

type Run<Link> = BrokenRun & { readonly link: Link }

interface Props<Link> {
  readonly answer: WhySafe<Run<Link>> & { readonly others: readonly OtherSettings<Link>[] }
  /** Where a run can be watched. */
  readonly href: (link: Link) => string
  readonly count: (n: number) => string
}

/** Rule by rule, the points in the code that keep it: each was left out, and every interleaving searched again. */
export function Why<Link>({ answer, href, count }: Props<Link>) {
  const { rules, knockOuts, moved } = answer
  return (
    <div className="why">
      <p className="why-headline">{headline(answer)}</p>
      <ol className="why-rules">
        {rules.map(rule => (
          <li key={rule.id} className={`why-rule why-${rule.verdict}`}>
            <RuleHead rule={rule} />
            <div className="why-body">
              {rule.verdict === 'broken' ? (
                <Broken rule={rule} others={answer.others} href={href} />
              ) : (
                <Kept rule={rule} knockOuts={knockOuts} href={href} />
              )}
            </div>
          </li>
        ))}
      </ol>
      {moved.length > 0 && (
        <section aria-labelledby="why-moved">
          <h3 id="why-moved">Is it in the right place?</h3>
          <ul className="why-moves">
            {moved.map(m => (
              <Move key={m.to} moved={m} href={href} />
            ))}
          </ul>
        </section>
      )}
      <Spare answer={answer} />
      <p className="muted why-small">
        {count(answer.searches)} searches, {count(answer.states)} states. It says nothing of other scenarios: what can
        be spared here may be needed there.
      </p>
    </div>
  )
}

const VERDICTS = { holds: 'holds', broken: 'does not hold', undecided: 'not decided' } as const
const MARKS = { holds: 'holds', broken: 'violated', undecided: 'warning' } as const

function RuleHead({ rule }: { readonly rule: RuleWhy<unknown> }) {
  return (
    <header className="why-head">
      <Mark kind={MARKS[rule.verdict]} />
      <h3>
        <span className="why-id">{rule.id}</span> {rule.sentence}
      </h3>
      <b>{VERDICTS[rule.verdict]}</b>
    </header>
  )
}

interface BrokenProps<Link> {
  readonly rule: RuleWhy<Run<Link>>
  readonly others: readonly OtherSettings<Link>[]
  readonly href: (link: Link) => string
}

function Broken<Link>({ rule, others, href }: BrokenProps<Link>) {
  const { sentence, first } = mended(rule, others)
  return (
    <>
      {rule.run !== null && <Watch run={rule.run} href={href} what={`the run that breaks ${rule.id}`} lead="Broken" />}
      <p>
        {sentence}{' '}
        {first !== null && (
          <>
            <span className="muted">{first.what}</span>{' '}
            <a href={href(first.link)}>
              {first.kind === 'kernel' ? `See it in ${first.name}` : 'See it with the preset'}
            </a>
          </>
        )}
      </p>
    </>
  )
}

interface KeptProps<Link> {
  readonly rule: RuleWhy<Run<Link>>
  readonly knockOuts: readonly KnockOut[]
  readonly href: (link: Link) => string
}

function Kept<Link>({ rule, knockOuts, href }: KeptProps<Link>) {
  const { needed, together, unthreatened, undecided, verdict } = rule
  if (verdict === 'undecided') return <p>There are too many states to look at.</p>
  const points = (cut: Cut<Run<Link>>) =>
    cut.out.flatMap(k => {
      const knockOut = knockOuts[k]
      return knockOut === undefined ? [] : [<Point key={k} knockOut={knockOut} />]
    })
  return (
    <>
      {needed.length > 0 && (
        <p className="why-how">
          {needed.length === 1 ? 'Kept by this. Leave it out' : 'Kept by each of these. Leave one out'}, and it breaks:
        </p>
      )}
      {needed.map(cut => (
        <div key={cut.out.join()} className="why-cut">
          {points(cut)}
          <Watch
            run={cut}
            href={href}
            what={`${rule.id} without ${wordsOf(cut, knockOuts)}`}
            lead="Without it: broken"
          />
        </div>
      ))}
      {together.map(cut => (
        <div key={cut.out.join()} className="why-group">
          <p className="why-how">
            {cut.out.length === 2
              ? 'Kept by either of these. Leave both out'
              : `Kept by any one of these ${cut.out.length}. Leave all out`}
            , and it breaks:
          </p>
          <div className="why-cut">
            <div className="why-any">{points(cut)}</div>
            <Watch
              run={cut}
              href={href}
              what={`${rule.id} without ${wordsOf(cut, knockOuts)}`}
              lead={cut.out.length === 2 ? 'Without both: broken' : 'Without all: broken'}
            />
          </div>
        </div>
      ))}
      {unthreatened && <p className="muted">Nothing here could break it: it holds with everything left out at once.</p>}
      {undecided && <p>Not decided for all of them: a search ran out of states.</p>}
    </>
  )
}

const wordsOf = (cut: Cut<unknown>, knockOuts: readonly KnockOut[]): string =>
  list(cut.out.map(k => `${knockOuts[k]?.what} in ${knockOuts[k]?.path.at(-2) ?? 'the settings'}`))

const PLACES = {
  start: { where: 'invalidate_range_start()', when: 'before the unmap, in start alone' },
  end: { where: 'invalidate_range_end()', when: 'when the pair ends, in end alone' },
} as const

function Move<Link>({ moved, href }: { readonly moved: Moved<Run<Link>>; readonly href: (link: Link) => string }) {
  const { where, when } = PLACES[moved.to]
  const broken = moved.rules.filter(r => r.verdict === 'broken')
  const undecided = moved.rules.some(r => r.verdict === 'undecided')
  return (
    <li>
      <Mark kind={broken.length > 0 ? 'violated' : undecided ? 'warning' : 'holds'} />
      <div>
        <p>
          Moved to <code>{where}</code>, {when}:{' '}
          <b>
            {broken.length > 0
              ? `breaks ${list(broken.map(r => r.id))}.`
              : undecided
                ? 'not decided.'
                : 'breaks no rule here.'}
          </b>
        </p>
        {broken.map(
          r =>
            r.run !== null && (
              <Watch
                key={r.id}
                run={r.run}
                lead={`${r.id} broken`}
                href={href}
                what={`${r.id} with the invalidation in ${where}`}
              />
            ),
        )}
      </div>
    </li>
  )
}

function Spare({ answer }: { readonly answer: WhySafe<unknown> }) {
  const groups = [
    { title: 'Not needed here', note: 'Left out alone, no rule breaks.', places: answer.spare },
    { title: 'Never reached here', note: 'No run comes to these.', places: answer.unreached },
    { title: 'Not decided', note: 'The search without one of these ran out of states.', places: answer.undecided },
  ]
  return groups.map(
    ({ title, note, places }) =>
      places.length > 0 && (
        <details key={title} className="why-spare" open={title === 'Not decided'}>
          <summary>
            {title}: {places.length}
          </summary>
          <p className="muted">{note}</p>
          <ul>
            {places.map(k => {
              const knockOut = answer.knockOuts[k]
              if (knockOut === undefined) return null
              const { callers, fn } = stackOf(knockOut)
              return (
                <li key={k}>
                  <code>{knockOut.how.kind === 'op' ? called(fn) : knockOut.how.id}</code>
                  {callers.length > 0 && (
                    <>
                      {' '}
                      in <code>{callers.slice(-2).map(called).join(', ')}</code>
                    </>
                  )}
                  : {knockOut.what}
                </li>
              )
            })}
          </ul>
        </details>
      ),
  )
}
