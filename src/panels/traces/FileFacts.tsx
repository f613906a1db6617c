import type { Problem } from '../../core/base/problem.ts'
import type { LineCounts } from '../../core/trace/record.ts'

interface TroubleProps {
  readonly missing: readonly string[]
  readonly problems: readonly Problem[]
  readonly moreProblems: number
}

/** What is wrong with the file: parts that are missing, and every complaint with its place. */
export function FileTrouble({ missing, problems, moreProblems }: TroubleProps) {
  if (missing.length === 0 && problems.length === 0) return null
  const all = problems.length + moreProblems
  return (
    <section className="trace-trouble" aria-label="Problems with the file">
      {missing.map(sentence => (
        <p key={sentence}>{sentence}</p>
      ))}
      {problems.length > 0 && (
        <details open={problems.length <= 5}>
          <summary>
            {all} {all === 1 ? 'problem' : 'problems'}
          </summary>
          <ul>
            {problems.map(p => (
              <li key={`${p.at} ${p.message}`}>
                <code>{p.at}</code>: {p.message}. {p.mend}
              </li>
            ))}
            {moreProblems > 0 && <li>and {moreProblems} more.</li>}
          </ul>
        </details>
      )}
    </section>
  )
}

interface FactsProps {
  readonly counts: LineCounts
  readonly ignored: readonly { readonly name: string; readonly lines: number }[]
}

/** Names listed at the most. */
const MOST_NAMES = 60

/** What was read: every line is accounted for. */
export function FileFacts({ counts, ignored }: FactsProps) {
  return (
    <section className="file-facts" aria-label="What was read">
      <p className="muted">
        {counts.lines} lines: {counts.records} events read, {counts.ignored} of kinds that nobody reads,{' '}
        {counts.header + counts.blank} of head and blank
        {counts.dropped > 0 && `, ${counts.dropped} beyond the limit`}
        {counts.foreign > 0 && `, ${counts.foreign} not understood`}.
      </p>
      {ignored.length > 0 && (
        <details>
          <summary>Kinds of events that nobody reads</summary>
          <p className="mono">
            {ignored
              .slice(0, MOST_NAMES)
              .map(i => `${i.name} ×${i.lines}`)
              .join(', ')}
          </p>
        </details>
      )}
    </section>
  )
}
