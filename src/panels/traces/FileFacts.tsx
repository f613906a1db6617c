import type { Problem } from '../../core/base/problem.ts'
import type { LineCounts } from '../../core/trace/record.ts'

interface Props {
  readonly file: string
  readonly kernel: string | null
  readonly counts: LineCounts
  readonly ignored: readonly { readonly name: string; readonly lines: number }[]
  readonly problems: readonly Problem[]
  readonly moreProblems: number
  readonly notes: string
}

/** What was read: every line is accounted for, and every complaint has a place. */
export function FileFacts({ file, kernel, counts, ignored, problems, moreProblems, notes }: Props) {
  const [first, ...more] = notes.split('\n')
  return (
    <section className="file-facts" aria-label="What was read">
      <h2>{file}</h2>
      <p>
        {kernel === null ? 'Kernel unknown' : `Linux ${kernel}`} · {counts.lines} lines · {counts.records} events read
        {counts.ignored > 0 && ` · ${counts.ignored} ignored`}
        {counts.dropped > 0 && ` · ${counts.dropped} beyond the limit`}
        {counts.foreign > 0 && ` · ${counts.foreign} lines not understood`}
      </p>
      {first !== undefined && first !== '' && <p className="trace-notes">{first}</p>}
      {more.length > 0 && (
        <details>
          <summary>More about this recording</summary>
          <p className="trace-notes">{more.join('\n')}</p>
        </details>
      )}
      {problems.length > 0 && (
        <details className="trace-problems" open={problems.length <= 5}>
          <summary>
            {problems.length + moreProblems} {problems.length + moreProblems === 1 ? 'problem' : 'problems'}
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
      {ignored.length > 0 && (
        <details>
          <summary>Events nobody reads, by name</summary>
          <p className="mono">
            {ignored
              .slice(0, 60)
              .map(i => `${i.name} ×${i.lines}`)
              .join(', ')}
          </p>
        </details>
      )}
    </section>
  )
}
