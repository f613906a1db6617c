import { Mark, type MarkKind } from '../shared/Mark.tsx'

/** What a search says: one sentence, cut after the words that count. */
export interface Answer {
  readonly tone: 'idle' | 'busy' | 'broken' | 'holds' | 'stuck' | 'undecided'
  readonly headline: string
  readonly rest: string
}

const marks: Readonly<Record<Answer['tone'], MarkKind>> = {
  idle: 'empty',
  busy: 'hole',
  broken: 'violated',
  holds: 'holds',
  stuck: 'warning',
  undecided: 'warning',
}

/** The answer in large letters: a shape, a word, and a colour that only repeats them. */
export function Verdict({ answer }: { readonly answer: Answer }) {
  const { tone, headline, rest } = answer
  return (
    <p className={`answer answer-${tone}`}>
      <span className="answer-mark">
        <Mark kind={marks[tone]} />
      </span>
      <strong>{headline}</strong> <span>{rest}</span>
    </p>
  )
}
