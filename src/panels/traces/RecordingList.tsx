/** What is known of a recording before it is opened. */
export interface RecordingEntry {
  readonly file: string
  readonly name: string
  readonly kernel: string
  readonly syscall: string
  readonly events: number
  readonly bytes: number
  readonly notes: string
}

interface Props {
  readonly recordings: readonly RecordingEntry[]
  /** The file that is open, if it is one of these. */
  readonly current: string | null
  /** Where a recording is found, as an address. */
  readonly hrefOf: (file: string) => string
}

/** The recordings that come with the app, by kernel. */
export function RecordingList({ recordings, current, hrefOf }: Props) {
  const kernels = [...new Set(recordings.map(r => r.kernel))]
  return (
    <nav className="recordings" aria-label="Recordings">
      {kernels.map(kernel => (
        <section key={kernel}>
          <h2 className="panel-title">{kernel}</h2>
          <ul>
            {recordings
              .filter(r => r.kernel === kernel)
              .map(r => (
                <li key={r.file}>
                  <a href={hrefOf(r.file)} aria-current={r.file === current ? 'page' : undefined} title={r.notes}>
                    <span>{r.name}</span>
                    <span className="muted">
                      {r.syscall}, {r.events} events
                    </span>
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}
