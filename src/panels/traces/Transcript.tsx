import { useEffect, useRef } from 'react'

interface Props {
  readonly sentences: readonly { readonly number: number; readonly line: number; readonly sentence: string }[]
  /** Events of the step. */
  readonly length: number
  /** The event that is looked at, from 1; 0 before the first. */
  readonly at: number
}

/** Every event as a sentence: what the ribbon and the timeline draw, to be read. */
export function Transcript({ sentences, length, at }: Props) {
  const region = useRef<HTMLElement>(null)
  useEffect(() => {
    const box = region.current
    const current = box?.querySelector<HTMLElement>(`[data-event="${at}"]`)
    // Only this list may scroll: the page must not move under the reader.
    if (box && current) box.scrollTop = current.offsetTop - box.clientHeight / 2
  }, [at])
  const first = sentences[0]?.number ?? 0
  const last = sentences.at(-1)?.number ?? 0
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="trace-transcript" aria-label="Transcript" tabIndex={0} ref={region}>
      <ol start={first}>
        {sentences.map(s => (
          <li key={s.number} data-event={s.number} aria-current={s.number === at ? 'step' : undefined}>
            {s.sentence} <span className="muted">line {s.line}</span>
          </li>
        ))}
      </ol>
      {last - first + 1 < length && (
        <p className="muted">
          Events {first} to {last} of {length}; the list follows the playhead.
        </p>
      )}
    </section>
  )
}
