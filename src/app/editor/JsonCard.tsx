import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { placeIn, type Span } from '../../core/base/json.ts'
import { type JsonPath, nodeAt, pathAround, pathText, readPath } from '../../core/base/json-path.ts'
import { JsonText, type LineMark } from '../../panels/editor/JsonText.tsx'
import { session } from './session.ts'
import { fieldToVisit } from './visit.ts'

interface Props {
  /** The field that has the focus: its line is shown. */
  readonly visited: string | null
  readonly onLeave: () => void
}

/** One thing that is wrong, with its place in the text. */
interface Complaint {
  readonly at: string
  readonly message: string
  readonly mend: string
  readonly line: number
  readonly column: number
  readonly span: Span
  /** The field it is about; null while the text is no JSON. */
  readonly path: JsonPath | null
}

/** The text, what is wrong with it, and where in it the reader is. */
export function JsonCard({ visited, onLeave }: Props) {
  const reading = useStore(session, s => s.reading)
  const checked = useStore(session, s => s.checked)
  const failure = useStore(session, s => s.failure)
  const [cursor, setCursor] = useState(0)
  const [show, setShow] = useState<Span | null>(null)
  const { text, root, fault } = reading
  const { write, undo, redo } = session.getState()

  const complaints: readonly Complaint[] = useMemo(() => {
    if (fault === null) return checked?.problems ?? []
    const { at, line, column, message, mend } = fault
    const span = { from: at, to: at + 1 }
    return [
      {
        at: `line ${line}, column ${column}`,
        message: `this is not JSON: ${message}`,
        mend,
        line,
        column,
        span,
        path: null,
      },
    ]
  }, [fault, checked])
  const here = useMemo(() => {
    if (root === null || visited === null) return null
    const node = nodeAt(root, readPath(visited))
    return node === undefined ? null : { from: node.from, to: node.to }
  }, [root, visited])
  const marks: readonly LineMark[] = useMemo(
    () => [
      ...(here === null ? [] : [{ line: placeIn(text, here.from).line, kind: 'here' as const }]),
      ...[...new Set(complaints.map(c => c.line))].map(line => ({ line, kind: 'problem' as const })),
    ],
    [complaints, here, text],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: going to another field moves the view, typing in it does not
  useEffect(() => {
    if (here !== null) setShow(here)
  }, [visited])

  const place = placeIn(text, Math.min(cursor, text.length))
  const around = root === null ? '' : pathText(pathAround(root, cursor))
  const goTo = (span: Span) => {
    const area = document.querySelector<HTMLTextAreaElement>('.json-area')
    setShow({ ...span })
    setCursor(span.from)
    area?.focus({ preventScroll: true })
    area?.setSelectionRange(span.from, span.to)
  }
  return (
    <section className="editor-card json-card" aria-labelledby="json-title">
      <h2 id="json-title">JSON</h2>
      <JsonText
        text={text}
        marks={marks}
        show={show}
        invalid={complaints.length > 0}
        describedBy="json-verdict"
        onChange={next => write(next, 'json')}
        onCursor={at => {
          setCursor(at)
          onLeave()
        }}
        onUndo={undo}
        onRedo={redo}
      />
      <p className="json-place muted" aria-hidden="true">
        line {place.line}, column {place.column}
        {around !== '' && <code> {around}</code>}
      </p>
      <div className={complaints.length > 0 ? 'verdict is-wrong' : 'verdict'} id="json-verdict" role="status">
        {failure !== null && (
          <p>The simulation stopped while it read this: {failure}. It is tried again with the next change.</p>
        )}
        <p>
          <b>{verdictOf(complaints.length, fault !== null, checked !== null)}</b>
        </p>
        {complaints.length > 0 && (
          <ul aria-label="What is wrong">
            {complaints.map(c => (
              <li key={`${c.at} ${c.message}`}>
                <button type="button" className="verdict-go" onClick={() => goTo(c.span)}>
                  Line {c.line}, column {c.column}
                </button>{' '}
                {c.path !== null && c.path.length > 0 && (
                  <button type="button" className="verdict-go" onClick={() => fieldToVisit.go(pathText(c.path ?? []))}>
                    <code>{c.at}</code>
                  </button>
                )}{' '}
                {c.message}. {c.mend}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}

function verdictOf(count: number, broken: boolean, checked: boolean): string {
  if (broken) return 'This is not JSON. What you wrote stays as it is.'
  if (count > 0) return count === 1 ? 'One problem.' : `${count} problems.`
  return checked ? 'No problems: this can be run.' : ''
}
