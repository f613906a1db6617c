import { useStore } from 'zustand'
import type { CostBug } from '../../core/bugs/bug.ts'
import { BugFactsList, EvidenceKey } from '../../panels/bugs/BugFactsList.tsx'
import { PriceTable } from '../../panels/bugs/PriceTable.tsx'
import { count } from '../explore/answer.ts'
import { bugsHash, labHash } from '../route.ts'
import { settingsText } from './bug-text.ts'
import { bugs } from './session.ts'

/** A bug that breaks no rule: its story, and what it costs, counted over every run. */
export function CostBugView({ bug }: { readonly bug: CostBug }) {
  const report = useStore(bugs, s => s.prices.get(bug.id) ?? null)
  const lost = useStore(bugs, s => s.lost)
  const sides =
    report === null
      ? []
      : [
          { title: 'With the bug', ...report.present },
          { title: 'Without it', ...report.fixed },
        ]
  return (
    <>
      <nav className="bug-back" aria-label="Back">
        <a href={bugsHash(null)}>All bugs</a>
      </nav>
      {lost !== '' && (
        <p className="bug-problem" role="status">
          The count was lost: {lost}.{' '}
          <button type="button" className="press press-small" onClick={() => void bugs.getState().price(bug.id)}>
            Try again
          </button>
        </p>
      )}
      <div className="bug-top">
        <section className="sheet bug-story" aria-labelledby="bug-title">
          <h2 id="bug-title">
            <span className="bug-number">{bug.id}</span> {bug.title}
          </h2>
          <p className="bug-wrong">{bug.wrong}</p>
          <BugFactsList bug={bug} actors={bug.actors} />
          <EvidenceKey />
        </section>
        <section className="sheet bug-try" aria-label="What it costs">
          <h3>What it costs</h3>
          {report === null ? (
            lost === '' && <p className="loading">Counting every run…</p>
          ) : (
            <>
              <p role="status">{brokenText(sides.map(s => s.price.verdict))}</p>
              <PriceTable columns={sides.map(({ title, price }) => ({ title, figures: price.figures }))} />
              <ul className="price-sides">
                {sides.map(({ title, settings, price, dearest }) => (
                  <li key={title}>
                    <strong>{title}</strong> <span className="mono">{settingsText(settings)}</span>:{' '}
                    {count(price.states)} states. <a href={labHash(dearest)}>Watch a run that costs most</a>
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
      </div>
    </>
  )
}

/** What the search of every interleaving says of the rules of damage. */
function brokenText(verdicts: readonly ('broken' | 'holds' | 'undecided')[]): string {
  if (verdicts.every(v => v === 'holds')) return 'No rule of damage is broken in any run, with the bug or without it.'
  return verdicts.includes('broken') ? 'Some run breaks a rule of damage.' : 'The search of every run gave up.'
}
