import type { BugFacts } from '../../core/bugs/bug.ts'
import { VersionBar } from './VersionBar.tsx'
import { spanText } from './versions.ts'

interface Props {
  readonly bug: BugFacts
  readonly href: string
  /** The rule that it is seen to break. None: it costs something. */
  readonly rule: { readonly id: string; readonly sentence: string } | null
}

/** One bug on the shelf: number, title, CVE, versions, rule. */
export function BugCard({ bug, href, rule }: Props) {
  const { from, until } = bug.affected
  const { consumers, hardware, operations } = bug.tags
  return (
    <li className="bug-card">
      <p className="bug-card-head">
        <span className="bug-number">{bug.id}</span>
        {bug.cves.map(cve => (
          <span key={cve.id} className="bug-cve">
            {cve.id}
          </span>
        ))}
      </p>
      <h3>
        <a href={href}>{bug.title}</a>
      </h3>
      <p className="bug-versions">
        <VersionBar from={from} until={until} />
        {spanText(from, until)}
      </p>
      <p className="bug-card-rule">
        <strong>{rule === null ? 'Costs, and breaks no rule.' : `Breaks ${rule.id}:`}</strong> {rule?.sentence}
      </p>
      <p className="bug-tags">{[...consumers, ...hardware, ...operations].join(' · ')}</p>
    </li>
  )
}
