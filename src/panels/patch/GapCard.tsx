import type { ReactNode } from 'react'
import type { Gap } from '../../core/studies/patch/gap.ts'
import { Mark } from '../shared/Mark.tsx'
import '../shared/shared.css'
import './gap.css'
import { GapPicture } from './GapPicture.tsx'
import { GapTable } from './GapTable.tsx'
import { VERDICT_MARKS, VERDICTS } from './words.ts'

interface Props {
  readonly title: string
  readonly bug: string
  /** Null until it has been looked at. */
  readonly gap: Gap | null
  /** Why there is no answer. */
  readonly failed: string
  /** Where its run can be watched; without a run, where its kernel can be tried. */
  readonly href: string
  readonly count: (n: number) => string
}

/** One gap: whether it is open, and in large letters where. */
export function GapCard({ title, bug, gap, failed, href, count }: Props) {
  const id = `gap-${bug}`
  return (
    <section className="sheet gap-card" aria-labelledby={id} data-gap={gap?.verdict.kind ?? 'unknown'}>
      <header className="gap-head">
        <h2 id={id}>
          {title} <span className="patch-bug">{bug}</span>
        </h2>
        <Verdict gap={gap} failed={failed} href={href} title={title} count={count} />
      </header>
      {gap !== null && (
        <>
          <GapPicture gap={gap} />
          <details>
            <summary>As a table</summary>
            <GapTable gap={gap} />
          </details>
        </>
      )}
    </section>
  )
}

function Verdict({ gap, failed, href, title, count }: Omit<Props, 'bug'>): ReactNode {
  if (gap === null) return <p className="gap-verdict">{failed === '' ? 'Searching every interleaving…' : failed}</p>
  const { kind, states, run, rule } = gap.verdict
  return (
    <p className={`gap-verdict is-${kind}`}>
      <strong>
        <Mark kind={VERDICT_MARKS[kind]} /> {VERDICTS[kind]}
      </strong>
      {kind === 'closed' && <span>Nothing reaches a freed frame, in all {count(states)} states.</span>}
      {kind === 'undecided' && <span>Too many states: {count(states)} were looked at.</span>}
      {run !== null && (
        <>
          <span>
            Broken in {run.steps} steps: “{rule}”.
          </span>
          <a className="press press-large" href={href} aria-label={`Watch the run that breaks it: ${title}`}>
            Watch
          </a>
        </>
      )}
    </p>
  )
}
