import type { BugFacts, Commit, Evidence } from '../../core/bugs/bug.ts'
import { VersionBar } from './VersionBar.tsx'
import { spanText } from './versions.ts'

const EVIDENCE: Readonly<Record<Evidence, { readonly short: string; readonly long: string }>> = {
  id: { short: 'id seen', long: 'The id and title were seen in a push log, a backport, a Fixes line or a CVE table.' },
  source: { short: 'source read', long: 'The file was read, at that commit or in that release.' },
  mail: { short: 'mail', long: 'A message on a mailing list says so.' },
  'not-verified': { short: 'not verified', long: 'General knowledge of the code; not looked up.' },
}

const EVIDENCE_KINDS = Object.keys(EVIDENCE) as readonly Evidence[]

/** Each statement of a bug's history with where it comes from. */
export function BugFactsList({ bug, actors }: { readonly bug: BugFacts; readonly actors: string }) {
  const { affected } = bug
  return (
    <dl className="bug-facts">
      <dt>Affected</dt>
      <dd>
        <VersionBar from={affected.from} until={affected.until} />
        {spanText(affected.from, affected.until)}
        {affected.note === undefined ? '' : `; ${affected.note}`} <Tags evidence={affected.evidence} />
      </dd>
      <Commits what="Brought in by" commits={bug.introducedBy} />
      <Commits what="Mended by" commits={bug.fixedBy} />
      {bug.cves.length > 0 && (
        <>
          <dt>CVE</dt>
          {bug.cves.map(cve => (
            <dd key={cve.id}>
              {cve.id} <Tags evidence={cve.evidence} />
            </dd>
          ))}
        </>
      )}
      <dt>It takes</dt>
      <dd>{actors}</dd>
      <dt>Breaks</dt>
      <dd>{bug.invariants.length === 0 ? 'No rule: it costs time' : bug.invariants.join(', ')}</dd>
    </dl>
  )
}

/** What the signs behind the facts mean. */
export function EvidenceKey() {
  return (
    <details className="evidence-key">
      <summary>Where these facts come from</summary>
      <dl>
        {EVIDENCE_KINDS.map(kind => (
          <div key={kind}>
            <dt>
              <Tags evidence={[kind]} />
            </dt>
            <dd>{EVIDENCE[kind].long}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Commits({ what, commits }: { readonly what: string; readonly commits: readonly Commit[] }) {
  if (commits.length === 0) return null
  return (
    <>
      <dt>{what}</dt>
      {commits.map(commit => (
        <dd key={`${commit.id}${commit.what}`}>
          <code>{commit.id ?? 'id not known'}</code> {commit.what}
          {commit.release === null ? '' : ` (${commit.release})`} <Tags evidence={commit.evidence} />
        </dd>
      ))}
    </>
  )
}

export function Tags({ evidence }: { readonly evidence: readonly Evidence[] }) {
  return evidence.map(e => (
    <span key={e} className={`evidence evidence-${e}`} title={EVIDENCE[e].long}>
      {EVIDENCE[e].short}
    </span>
  ))
}
