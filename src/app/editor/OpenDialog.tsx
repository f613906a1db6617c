import { useEffect, useId, useRef } from 'react'
import { useStore } from 'zustand'
import { Icon } from '../icons.tsx'
import { editHash } from '../route.ts'
import { NEW } from './arrival.ts'
import { session } from './session.ts'
import { takeFile } from './take-file.ts'

/** What is saved here, what there is to start from, and files. */
export function OpenDialog({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const drafts = useStore(session, s => s.drafts)
  const current = useStore(session, s => s.draft?.id)
  const shipped = useStore(session, s => s.materials?.shipped ?? NONE)
  useEffect(() => dialog.current?.showModal(), [])
  const close = () => dialog.current?.close()
  const then = (act: () => void) => () => {
    act()
    close()
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it; the key for that is Escape
    <dialog
      ref={dialog}
      className="dialog dialog-middle"
      aria-labelledby={`${id}-title`}
      onClose={onClose}
      onClick={event => event.target === dialog.current && close()}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={`${id}-title`}>Open or start a scenario</h2>
          <button type="button" className="quiet icon-only" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <h3>Saved in this browser</h3>
        {drafts.length === 0 && <p className="muted">Nothing yet. What you change is saved as you type.</p>}
        <ul className="draft-list">
          {drafts.map(draft => (
            <li key={draft.id}>
              <button
                type="button"
                className="draft-open"
                aria-current={draft.id === current || undefined}
                onClick={then(() => session.getState().openDraft(draft.id))}
              >
                {draft.title}
              </button>
              <span className="muted">{new Date(draft.changed).toLocaleString()}</span>
              <button type="button" onClick={then(() => session.getState().remove(draft.id))}>
                Delete<span className="unseen"> {draft.title}</span>
              </button>
            </li>
          ))}
        </ul>
        <h3>Start from</h3>
        <ul className="draft-list">
          <li>
            <a href={editHash(NEW)} onClick={close}>
              An empty scenario
            </a>
          </li>
          {shipped.map(s => (
            <li key={s.id}>
              <a href={editHash(`s=${s.id}`)} onClick={close}>
                {s.title}
              </a>
            </li>
          ))}
        </ul>
        <h3>
          <label htmlFor={`${id}-file`}>A file</label>
        </h3>
        <p className="muted">Choose it here, or drop it anywhere on the editor. It stays in your browser.</p>
        <input
          id={`${id}-file`}
          type="file"
          accept=".json,application/json"
          onChange={event => {
            void takeFile(event.target.files?.[0])
            close()
          }}
        />
      </div>
    </dialog>
  )
}

const NONE: readonly never[] = []
