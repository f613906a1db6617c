import { useEffect, useRef, useState } from 'react'
import type { ExportFormat } from '../../store/mirror.ts'
import { Dialog } from '../Dialog.tsx'
import { useHandles, useLab } from '../lab-context.ts'
import { labHash } from '../route.ts'

const FORMATS: readonly { readonly id: ExportFormat; readonly name: string; readonly ending: string }[] = [
  { id: 'markdown', name: 'Markdown', ending: 'md' },
  { id: 'json', name: 'JSON', ending: 'json' },
  { id: 'text', name: 'Plain text', ending: 'txt' },
]

/** This very moment as a link, and the run as a file. */
export function ShareDialog() {
  return (
    <Dialog name="share" title="Share this moment">
      <ShareBody />
    </Dialog>
  )
}

function ShareBody() {
  const link = useLab(s => s.snapshot?.link ?? null)
  const field = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState('')
  const href = new URL(labHash(link), location.href).href

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(href)
      setSaid('The link is in your clipboard.')
    } catch {
      // No permission, or no secure origin: select it, so that the reader's own copy key does it.
      field.current?.select()
      setSaid('This browser does not let the page copy. The link is selected: copy it with your own key.')
    }
  }
  return (
    <>
      <p>Whoever opens it sees the same step of the same run; a checksum tells them if not.</p>
      <div className="share-link">
        <input
          ref={field}
          readOnly
          aria-label="Link to this moment"
          value={href}
          onFocus={event => event.target.select()}
        />
        <button type="button" className="strong" data-first-focus="" onClick={() => void copy()}>
          Copy link
        </button>
      </div>
      <p role="status" className="share-said">
        {said}
      </p>
      <ExportRow />
    </>
  )
}

function ExportRow() {
  const { store } = useHandles()
  const [file, setFile] = useState<{ readonly url: string; readonly name: string; readonly text: string } | null>(null)
  useEffect(() => () => (file === null ? undefined : URL.revokeObjectURL(file.url)), [file])

  const make = async (format: (typeof FORMATS)[number]) => {
    const text = await store.getState().exportRun(format.id)
    if (text === null) return
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    setFile({ url, name: `${store.getState().run?.scenario.id ?? 'run'}.${format.ending}`, text })
  }
  return (
    <section>
      <h3>The run as a file</h3>
      <p className="share-formats">
        {FORMATS.map(format => (
          <button key={format.id} type="button" onClick={() => void make(format)}>
            {format.name}
          </button>
        ))}
      </p>
      {file !== null && (
        <>
          <textarea readOnly rows={10} aria-label={`Contents of ${file.name}`} value={file.text} />
          <p>
            <a href={file.url} download={file.name}>
              Save {file.name}
            </a>
          </p>
        </>
      )}
    </section>
  )
}
