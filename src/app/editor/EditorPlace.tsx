import { type DragEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useHandles, useLab } from '../lab-context.ts'
import { FormCard } from './FormCard.tsx'
import { JsonCard } from './JsonCard.tsx'
import { PreviewCard } from './PreviewCard.tsx'
import { queryOf, session } from './session.ts'
import { Toolbar } from './Toolbar.tsx'
import { takeFile } from './take-file.ts'
import './editor.css'

const SIDES = ['Form', 'JSON', 'Preview'] as const
type Side = (typeof SIDES)[number]

/** Where a reader writes a scenario: form, JSON and machine side by side, always the same scenario. */
export default function EditorPlace() {
  const [side, setSide] = useState<Side>('Form')
  const [over, setOver] = useState(false)
  const [visited, setVisited] = useState<string | null>(null)
  const ready = useStore(session, s => s.draft !== null)
  useRoute()
  useUnsettled()

  const onKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return
    const key = event.key.toLowerCase()
    if (key !== 'z' && key !== 'y') return
    event.preventDefault()
    if (key === 'y' || event.shiftKey) session.getState().redo()
    else session.getState().undo()
  }
  const hasFile = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  const drop = (event: DragEvent) => {
    if (!hasFile(event)) return
    event.preventDefault()
    setOver(false)
    void takeFile(event.dataTransfer.files[0])
  }
  if (!ready) return <p className="loading">One moment…</p>
  return (
    <section
      className={over ? 'editor is-over' : 'editor'}
      aria-label="Scenario editor"
      onKeyDown={onKey}
      onDragOver={event => {
        if (!hasFile(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={event => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={drop}
    >
      <Toolbar />
      <fieldset className="editor-sides">
        <legend className="unseen">What to show</legend>
        {SIDES.map(name => (
          <button key={name} type="button" className="press" aria-pressed={side === name} onClick={() => setSide(name)}>
            {name}
          </button>
        ))}
      </fieldset>
      <div className="editor-cards" data-side={side}>
        <FormCard onVisit={setVisited} />
        <JsonCard visited={visited} onLeave={() => setVisited(null)} />
        <PreviewCard />
      </div>
    </section>
  )
}

/** Keeps the address and what is open together: either may lead. */
function useRoute(): void {
  const { store } = useHandles()
  const editing = useLab(s => s.editing)
  // Without a simulation there is still a text to write.
  const kernel = useLab(s => s.run?.settings.kernel ?? (s.failure === null ? null : 'none'))
  const query = useStore(session, queryOf)
  const written = useRef<string | null | undefined>(undefined)
  const begun = useRef(false)
  useEffect(() => {
    if (kernel === null) return
    const s = session.getState()
    if (!begun.current) {
      begun.current = true
      written.current = editing
      void s.begin(editing, kernel)
    } else if (editing !== written.current) {
      written.current = editing
      s.arrive(editing)
    }
  }, [editing, kernel])
  useEffect(() => {
    if (query === null || query === store.getState().editing) return
    written.current = query
    store.getState().edit(query)
  }, [query, store])
  useEffect(() => {
    if (kernel !== null) session.getState().under(kernel)
  }, [kernel])
}

/** The page has settled when the worker has judged what stands there. */
function useUnsettled(): void {
  const { store } = useHandles()
  const reading = useLab(s => s.reading)
  const busy = useStore(
    session,
    s => s.draft === null || (s.failure === null && (s.materials === null || s.checkedText !== s.history.text)),
  )
  useLayoutEffect(() => {
    if (reading !== busy) store.getState().setReading(busy)
  }, [store, reading, busy])
}
