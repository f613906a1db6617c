import type { ReactNode } from 'react'
import type { Problem } from '../../core/base/problem.ts'
import type { Bug, CostBug } from '../../core/bugs/bug.ts'
import { BugFactsList, EvidenceKey } from '../../panels/bugs/BugFactsList.tsx'
import { bugsHash } from '../route.ts'

interface HeadProps {
  readonly problem?: Problem | null
  /** `The search was lost: …`; nothing when nothing was. */
  readonly lost?: string
  onAgain?(): void
}

/** What stands above every bug: the way back, and what went wrong. */
export function BugHead({ problem = null, lost = '', onAgain }: HeadProps) {
  return (
    <>
      <nav className="bug-back" aria-label="Back">
        <a href={bugsHash(null)}>All bugs</a>
      </nav>
      {problem !== null && (
        <p className="bug-problem" role="status">
          {problem.at}: {problem.message}. {problem.mend}
        </p>
      )}
      {lost !== '' && (
        <p className="bug-problem" role="status">
          {lost}{' '}
          <button type="button" className="press press-small" onClick={onAgain}>
            Try again
          </button>
        </p>
      )}
    </>
  )
}

/** What is known of a bug. */
export function BugTale({ bug, children }: { readonly bug: Bug | CostBug; readonly children?: ReactNode }) {
  return (
    <section className="sheet bug-story" aria-labelledby="bug-title">
      <h2 id="bug-title">
        <span className="bug-number">{bug.id}</span> {bug.title}
      </h2>
      <p className="bug-wrong">{bug.wrong}</p>
      {children}
      <BugFactsList bug={bug} actors={bug.actors} />
      <EvidenceKey />
    </section>
  )
}
