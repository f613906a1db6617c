interface Props {
  readonly name: string
  readonly bytes: number
  /** Null when nobody knows. */
  readonly size: number | null
  readonly onCancel: () => void
}

/** A recording on its way in: how much of it, of how much. */
export function ReadingProgress({ name, bytes, size, onCancel }: Props) {
  return (
    <div className="reading-progress" role="status">
      <p>
        Reading {name}: {megabytes(bytes)}
        {size !== null && ` of ${megabytes(size)}`}
      </p>
      <progress aria-label={`Reading ${name}`} max={size ?? undefined} value={size === null ? undefined : bytes} />
      <button type="button" className="trace-button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  )
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
