import type { Claim, PartAnswer } from '../../core/studies/patch/claim.ts'
import type { Answer, Finding, FoundRun } from '../../core/studies/patch/finding.ts'
import { Breakable } from '../shared/Breakable.tsx'
import { Mark } from '../shared/Mark.tsx'
import { ANSWERS } from './words.ts'

/** A claim’s answer, as far as this panel needs it. */
export interface ClaimShown<Link> {
  readonly answer: Answer
  readonly parts: readonly (Omit<PartAnswer, 'findings'> & { readonly findings: readonly FindingShown<Link>[] })[]
}
type FindingShown<Link> = Omit<Finding, 'run'> & {
  readonly title: string
  readonly run: (FoundRun & { readonly link: Link }) | null
}

interface Props<Link> {
  readonly number: number
  readonly claim: Pick<Claim, 'id' | 'question' | 'why'>
  /** Asked for: null until it is there. */
  readonly revealed: boolean
  readonly answer: ClaimShown<Link> | null
  readonly failed: string
  readonly href: (link: Link) => string
  readonly count: (n: number) => string
  onReveal(): void
  onHide(): void
}

const MARKS = { yes: 'holds', no: 'violated', 'never-asked': 'hole', undecided: 'warning' } as const

/** The question first; the answer when somebody asks for it. */
export function ClaimCard<Link>(props: Props<Link>) {
  const { number, claim, revealed, answer, failed, href, count, onReveal, onHide } = props
  const id = `claim-${claim.id}`
  return (
    <article
      className="sheet claim"
      aria-labelledby={id}
      data-claim={revealed ? (answer?.answer ?? 'waiting') : 'hidden'}
    >
      <h3 id={id}>
        <span className="claim-number">{number}</span>
        <span>
          <Breakable text={claim.question} />
        </span>
      </h3>
      <div className="claim-actions">
        <button
          type="button"
          className={revealed ? 'press press-large' : 'press press-large is-strong'}
          aria-expanded={revealed}
          aria-label={`${revealed ? 'Hide the answer' : 'Check'}: question ${number}`}
          onClick={revealed ? onHide : onReveal}
        >
          {revealed ? 'Hide the answer' : 'Check'}
        </button>
      </div>
      <div className="claim-answer" aria-live="polite">
        {revealed && answer === null && <p>{failed === '' ? 'Looking at every run…' : failed}</p>}
        {revealed && answer !== null && (
          <>
            {answer.parts.map((part, i) => (
              <Part key={part.id} part={part} first={i === 0} href={href} count={count} />
            ))}
            <p className="claim-why">{claim.why}</p>
          </>
        )}
      </div>
    </article>
  )
}

interface PartProps<Link> {
  readonly part: ClaimShown<Link>['parts'][number]
  readonly first: boolean
  readonly href: (link: Link) => string
  readonly count: (n: number) => string
}

function Part<Link>({ part, first, href, count }: PartProps<Link>) {
  return (
    <div className={`claim-part is-${part.answer}${first ? ' is-first' : ''}`}>
      {part.about !== '' && <p className="claim-about">{part.about}</p>}
      <p className="claim-says">
        {first && (
          <strong>
            <Mark kind={MARKS[part.answer]} /> {ANSWERS[part.answer]}
          </strong>
        )}{' '}
        {first ? withoutAnswer(part.says) : part.says}
      </p>
      <ul className="claim-findings">
        {part.findings.map(f => (
          <li key={f.title}>
            <span>
              <b>{f.title}:</b> {foundIn(f, part, count)}
            </span>
            {f.run !== null && (
              <a
                className="press press-large"
                href={href(f.run.link)}
                aria-label={`Watch: ${f.title}, ${f.run.steps} steps`}
              >
                Watch, {f.run.steps} steps
              </a>
            )}
            {f.run?.parting !== undefined && (
              <span className="claim-parting">
                Here: {f.run.parting.here} Before the series: {f.run.parting.there}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The large word has said it. A kernel function keeps its small letter. */
const withoutAnswer = (says: string): string => {
  const rest = says.replace(/^(Yes|No)\b[,:.]?\s*/, '')
  return /^\w+[_(]/.test(rest) ? rest : rest.charAt(0).toUpperCase() + rest.slice(1)
}

/** What the answer rests on. */
function foundIn(finding: Finding, part: Pick<PartAnswer, 'counted' | 'all'>, count: (n: number) => string): string {
  const { answer, states, moves, asked, decided, run } = finding
  const { counted, all } = part
  const where = `${count(states)} states and ${count(moves)} moves`
  if (answer === 'undecided') return 'not decided.'
  if (answer === 'never-asked') return `no ${counted} in ${where}.`
  if (run?.parting !== undefined) return `the same as far as ${where}; then they part.`
  const at =
    decided === 0 ? (all ? `all ${count(asked)}` : `none of ${count(asked)}`) : `${count(decided)} of ${count(asked)}`
  return `${all && decided > 0 ? 'not so at' : 'so at'} ${at} ${counted}, in ${where}.`
}
