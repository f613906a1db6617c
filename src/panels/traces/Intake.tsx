import { useId } from 'react'

interface Props {
  readonly onFile: (file: File) => void
}

/** Where a reader's own recording comes in. It stays in the browser. */
export function Intake({ onFile }: Props) {
  const id = useId()
  return (
    <section className="intake" aria-label="Your own recording">
      <label htmlFor={id}>
        <b>Your own recording</b>
      </label>
      <p className="muted" id={`${id}-what`}>
        The text of the tracefs file <code>trace</code>, or its .gz. Choose it, or drop it anywhere on this page; it
        never leaves your browser.
      </p>
      <input
        id={id}
        type="file"
        aria-describedby={`${id}-what`}
        onChange={event => {
          const file = event.target.files?.[0]
          if (file !== undefined) onFile(file)
          // The same file may be chosen again after it was changed.
          event.target.value = ''
        }}
      />
    </section>
  )
}
