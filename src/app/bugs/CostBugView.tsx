import { useStore } from 'zustand'
import type { Problem } from '../../core/base/problem.ts'
import type { CostBug } from '../../core/bugs/bug.ts'
import { PriceTable } from '../../panels/bugs/PriceTable.tsx'
import { count } from '../explore/answer.ts'
import { labHash } from '../route.ts'
import { BugHead, BugTale } from './BugFrame.tsx'
import { settingsText } from './bug-text.ts'
import { bugs } from './session.ts'

/** A bug that breaks no rule: its story, and what it costs, counted over every run. */
export function CostBugView({ bug, problem }: { readonly bug: CostBug; readonly problem: Problem | null }) {
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
      <BugHead
        problem={problem}
        lost={lost === '' ? '' : `The count was lost: ${lost}.`}
        onAgain={() => void bugs.getState().price(bug.id)}
      />
      <div className="bug-top">
        <BugTale bug={bug} />
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
