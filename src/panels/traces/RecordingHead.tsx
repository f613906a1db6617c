interface Props {
  readonly title: string
  /** The name of its file. */
  readonly file: string
  readonly about: string
  /** Where it comes from, a few words each. */
  readonly provenance: readonly string[]
  /** Address of the file itself; null for one of the reader's own. */
  readonly download: string | null
  readonly previous: string | null
  readonly next: string | null
  readonly list: string
  readonly onList: () => void
}

/** What this recording is, where it comes from, and the way to the others. */
export function RecordingHead(props: Props) {
  const { title, file, about, provenance, download, previous, next } = props
  return (
    <header className="recording-head">
      <nav aria-label="Other recordings">
        <a href={props.list} onClick={props.onList}>
          All recordings
        </a>
        {previous !== null && <a href={previous}>Previous</a>}
        {next !== null && <a href={next}>Next</a>}
      </nav>
      <h2>
        {title} <code className="recording-name">{file}</code>
      </h2>
      {about !== '' && <p>{about}</p>}
      <ul className="provenance" aria-label="Where it comes from">
        {provenance.map(words => (
          <li key={words}>{words}</li>
        ))}
        {download !== null && (
          <li>
            <a href={download} download>
              the file itself
            </a>
          </li>
        )}
      </ul>
    </header>
  )
}
