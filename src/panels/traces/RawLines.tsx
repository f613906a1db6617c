import { useEffect, useRef } from 'react'

interface Props {
  readonly lines: readonly { readonly number: number; readonly text: string }[]
  /** The line that is looked at. */
  readonly line: number
}

/** The recording as it stands in the file, around one line. */
export function RawLines({ lines, line }: Props) {
  const list = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines are read from their beginning
  useEffect(() => {
    if (list.current !== null) list.current.scrollLeft = 0
  }, [lines])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="raw-lines" aria-label="Lines of the recording" tabIndex={0} ref={list}>
      <ol>
        {lines.map(l => (
          <li key={l.number} aria-current={l.number === line ? 'true' : undefined}>
            <span className="raw-number">{l.number}</span>
            {/* The head of an ftrace line is padded for columns that do not matter here. */}
            <code>{l.text.trimStart()}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}
