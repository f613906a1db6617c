import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useCopy } from '../explore/use-copy.ts'
import { Icon } from '../icons.tsx'
import { useLab } from '../lab-context.ts'
import { editHash, exploreHash, labHash } from '../route.ts'
import { tidy } from './json-edit.ts'
import { OpenDialog } from './OpenDialog.tsx'
import { idIn } from './reading.ts'
import { session, wholeQuery } from './session.ts'

/** What is open, whether it is kept, and what can be done with it. */
export function Toolbar() {
  const title = useStore(session, s => s.draft?.title ?? '')
  const [choosing, setChoosing] = useState(false)
  return (
    <header className="editor-bar">
      <div className="editor-name">
        <h2 title={title}>{title}</h2>
        <Kept />
      </div>
      <div className="editor-tools">
        <button type="button" className="press" aria-haspopup="dialog" onClick={() => setChoosing(true)}>
          Open or start…
        </button>
        <Steps />
        <Taking />
        <Running />
      </div>
      {choosing && <OpenDialog onClose={() => setChoosing(false)} />}
      <Notes />
    </header>
  )
}

/** Whether a reload would lose something. */
function Kept() {
  const unkept = useStore(session, s => s.unkept)
  const stored = useStore(session, s => s.draft?.stored === true)
  if (unkept !== null) {
    return (
      <p className="editor-kept is-wrong" role="alert">
        <b>Not saved:</b> {unkept}. The address of this page holds the scenario meanwhile; save it as a file to be sure.
      </p>
    )
  }
  return (
    <p className="editor-kept muted" role="status">
      {stored ? 'Saved in this browser' : 'Not changed yet'}
    </p>
  )
}

function Steps() {
  const canUndo = useStore(session, s => s.history.done.length > 0)
  const canRedo = useStore(session, s => s.history.undone.length > 0)
  const broken = useStore(session, s => s.reading.fault !== null)
  const { undo, redo, write } = session.getState()
  return (
    <>
      <button
        type="button"
        className="press"
        disabled={!canUndo}
        aria-keyshortcuts="Control+Z"
        title="Control Z"
        onClick={undo}
      >
        Undo
      </button>
      <button
        type="button"
        className="press"
        disabled={!canRedo}
        aria-keyshortcuts="Control+Y"
        title="Control Y"
        onClick={redo}
      >
        Redo
      </button>
      <button
        type="button"
        className="press"
        disabled={broken}
        title="Lay the JSON out anew"
        onClick={() => write(tidy(session.getState().history.text), 'tidy')}
      >
        Tidy
      </button>
    </>
  )
}

/** The scenario as a file and as a link. */
function Taking() {
  const { copied, copy } = useCopy()
  const save = () => {
    const { history, reading } = session.getState()
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([history.text], { type: 'application/json' }))
    link.download = `${idIn(reading.value)}.json`
    link.click()
    // The browser has taken hold of it by the next turn of the loop.
    setTimeout(() => URL.revokeObjectURL(link.href), 0)
  }
  const copyLink = () => {
    const { history, reading } = session.getState()
    const hash = editHash(wholeQuery(history.text, reading.value))
    void copy('The link, with the whole scenario in it,', new URL(hash, location.href).href)
  }
  return (
    <>
      <button type="button" className="press" onClick={save}>
        Save as a file
      </button>
      <button type="button" className="press" onClick={copyLink}>
        Copy link
      </button>
      <span className="editor-said" role="status">
        {copied.said}
        {copied.text !== null && (
          <input readOnly aria-label="Link" value={copied.text} onFocus={e => e.target.select()} />
        )}
      </span>
    </>
  )
}

/** The two places where a scenario is for. Plain links: they can be opened in another window. */
function Running() {
  const text = useStore(session, s => s.history.text)
  const value = useStore(session, s => s.reading.value)
  const ready = useStore(session, s => s.checked?.preview != null && s.checkedText === s.history.text)
  const kernel = useLab(s => s.run?.settings.kernel)
  const link = useMemo(
    () => (ready ? { scenario: idIn(value), custom: text, ...(kernel === undefined ? {} : { kernel }) } : null),
    [ready, value, text, kernel],
  )
  if (link === null) {
    return (
      <>
        <button type="button" className="press is-strong" disabled title="Mend what is listed beside the JSON first">
          Run in the Lab
        </button>
        <button type="button" className="press" disabled title="Mend what is listed beside the JSON first">
          Explore
        </button>
      </>
    )
  }
  return (
    <>
      <a className="press is-strong" href={labHash(link)}>
        Run in the Lab
      </a>
      <a className="press" href={exploreHash(link)}>
        Explore
      </a>
    </>
  )
}

/** What became of something, and the way back to what was deleted. */
function Notes() {
  const notice = useStore(session, s => s.notice)
  const deleted = useStore(session, s => s.deleted)
  const { bringBack, dismiss } = session.getState()
  if (notice === null && deleted === null) return null
  return (
    <div className="notice editor-notice" role="status">
      <p>
        {deleted === null ? notice : `“${deleted.title}” was deleted.`}{' '}
        {deleted !== null && (
          <button type="button" className="press" onClick={bringBack}>
            Bring it back
          </button>
        )}
      </p>
      <button type="button" className="quiet icon-only" aria-label="Dismiss" onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  )
}
