import type { Evidence } from '../../core/bugs/bug.ts'
import { Tags } from './BugFactsList.tsx'

/** One field in which two neighbouring kernels differ. */
export interface ChangeRow {
  readonly field: string
  readonly label: string
  readonly from: string
  readonly to: string
  readonly enough: boolean
  readonly needed: boolean
  readonly commit: { readonly id: string; readonly evidence: Evidence } | null
  readonly note: string
  /** What the searches say: with the change alone, and without it alone. '' while nobody has looked. */
  readonly alone: string
  readonly undone: string
}

interface Props {
  readonly possible: string
  readonly impossible: string
  readonly mended: boolean
  readonly rows: readonly ChangeRow[]
}

/** Which change took the run away, between which two kernels. */
export function TurnNote({ possible, impossible, mended, rows }: Props) {
  const telling = rows.filter(r => r.enough || r.needed)
  const others = rows.filter(r => !r.enough && !r.needed)
  return (
    <section className="sheet turn" aria-label="Which change did it">
      <h3>
        {mended
          ? `Between ${possible} and ${impossible} the run stopped being possible`
          : `Between ${impossible} and ${possible} the run became possible`}
      </h3>
      <p>
        Each switch in which the two differ was set alone, in both directions.
        {telling.length === 0 ? ' None does it by itself: they do it together.' : ''}
      </p>
      <ul className="turn-changes">
        {telling.map(row => (
          <li key={row.field}>
            <p>
              <strong>{row.label}</strong> <code>{row.field}</code> {possible}: {row.from}, {impossible}: {row.to}
            </p>
            <ul className="turn-proofs">
              <li>
                {row.enough
                  ? `Alone in ${possible} it takes the run away.`
                  : `Alone in ${possible} it is not enough: the run can still be made.`}{' '}
                {row.alone}
              </li>
              <li>
                {row.needed
                  ? `Taken back alone in ${impossible}, the run is possible again.`
                  : `Taken back alone in ${impossible}, the run stays impossible.`}{' '}
                {row.undone}
              </li>
            </ul>
            <p className="turn-source">
              {row.commit !== null && (
                <>
                  <code>{row.commit.id}</code> <Tags evidence={[row.commit.evidence]} />
                </>
              )}{' '}
              {row.note}
            </p>
          </li>
        ))}
      </ul>
      <Others labels={others.map(r => r.label)} />
    </section>
  )
}

/** What else the two differ in: a long list is folded. */
function Others({ labels }: { readonly labels: readonly string[] }) {
  if (labels.length === 0) return null
  const list = `${labels.join('; ')}.`
  if (labels.length <= SHOWN)
    return <p className="turn-others">They also differ in what does not matter here: {list}</p>
  return (
    <details className="turn-others">
      <summary>They also differ in {labels.length} things that do not matter here</summary>
      {list}
    </details>
  )
}

const SHOWN = 3
