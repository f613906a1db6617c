import { type DragEvent, useId, useState } from 'react'

interface Props {
  /** A recording being read: how much of it, of how much if that is known. */
  readonly reading: { readonly name: string; readonly bytes: number; readonly size: number | null } | null
  readonly onFile: (file: File) => void
  readonly onCancel: () => void
}

/** Where a reader's own recording comes in: chosen, or dropped here. It stays in the browser. */
export function Intake({ reading, onFile, onCancel }: Props) {
  const [over, setOver] = useState(false)
  const id = useId()
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file !== undefined) onFile(file)
  }
  return (
    <section
      className={over ? 'intake is-over' : 'intake'}
      aria-label="Your own recording"
      onDragOver={event => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label htmlFor={id}>
        <b>Your own recording</b>
      </label>
      <p className="muted" id={`${id}-what`}>
        The text of the tracefs file <code>trace</code>, or its .gz. Choose it or drop it here; it never leaves your
        browser.
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
      {reading !== null && (
        <div className="intake-progress" role="status">
          <p>
            Reading {reading.name}: {megabytes(reading.bytes)}
            {reading.size !== null && ` of ${megabytes(reading.size)}`}
          </p>
          <progress
            aria-label={`Reading ${reading.name}`}
            max={reading.size ?? undefined}
            value={reading.size === null ? undefined : reading.bytes}
          />
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        </div>
      )}
    </section>
  )
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
