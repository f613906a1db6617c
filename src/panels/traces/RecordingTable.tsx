import type { Overall } from '../../core/conformance/report.ts'
import { VerdictBadge } from './Verdict.tsx'

/** What is known of a recording before it is opened. */
export interface RecordingEntry {
  readonly file: string
  /** The file's name without its endings. */
  readonly name: string
  /** What was done. */
  readonly title: string
  /** Kernel and environment: recordings are grouped by it. */
  readonly group: string
  readonly about: string
  readonly pagesUnmapped: number
  readonly pagesFreed: number
}

/** What came of holding it against the simulator; `failed`: it could not be read. */
export type Judged =
  | {
      readonly verdict: Overall
      readonly operations: number
      readonly note: string
      readonly meant: readonly string[]
      readonly tablesFreed: number
    }
  | { readonly failed: string }

interface Props {
  readonly recordings: readonly RecordingEntry[]
  readonly judged: ReadonlyMap<string, Judged>
  /** The one that is being compared. */
  readonly judging: string | null
  readonly hrefOf: (name: string) => string
}

/** All recordings that come with the app. Rows have their height before their verdict is there. */
export function RecordingTable({ recordings, judged, judging, hrefOf }: Props) {
  const groups = [...new Set(recordings.map(r => r.group))]
  return (
    <nav className="recordings" aria-label="Recordings">
      <table>
        <thead>
          <tr>
            <th scope="col">What was done</th>
            <th scope="col">Pages unmapped</th>
            <th scope="col">Pages freed</th>
            <th scope="col">Page tables freed</th>
            <th scope="col">Beside the simulator</th>
          </tr>
        </thead>
        {groups.map(group => (
          <tbody key={group}>
            <tr className="recordings-group">
              <th scope="rowgroup" colSpan={5}>
                {group}
              </th>
            </tr>
            {recordings
              .filter(r => r.group === group)
              .map(r => (
                <Row
                  key={r.file}
                  recording={r}
                  judged={judged.get(r.name) ?? null}
                  running={judging === r.name}
                  href={hrefOf(r.name)}
                />
              ))}
          </tbody>
        ))}
      </table>
    </nav>
  )
}

interface RowProps {
  readonly recording: RecordingEntry
  readonly judged: Judged | null
  readonly running: boolean
  readonly href: string
}

function Row({ recording: r, judged, running, href }: RowProps) {
  return (
    <tr data-recording={r.name}>
      <th scope="row">
        <a href={href} title={r.about}>
          {r.title} <code>{r.name}</code>
        </a>
      </th>
      <td>{r.pagesUnmapped}</td>
      <td>{r.pagesFreed}</td>
      <td>{judged !== null && 'verdict' in judged ? judged.tablesFreed : <span className="muted">…</span>}</td>
      <td className="recordings-verdict">
        {judged === null ? (
          <span className="muted">{running ? 'comparing…' : 'waiting'}</span>
        ) : 'failed' in judged ? (
          <span className="is-broken">{judged.failed}</span>
        ) : (
          <>
            <VerdictBadge verdict={judged.verdict} />
            <span className="muted recordings-note" title={judged.note}>
              {judged.verdict === 'same' || judged.verdict === 'in-part'
                ? sameNote(judged.operations, judged.note)
                : judged.note}
              {judged.meant.length > 0 && <> Meant: {judged.meant.join(', ')}.</>}
            </span>
          </>
        )}
      </td>
    </tr>
  )
}

const sameNote = (operations: number, rest: string): string =>
  rest === '' ? `${times(operations)}.` : `${times(operations)}; ${rest}.`

const times = (n: number): string => (n === 1 ? '1 operation' : `${n} operations`)
