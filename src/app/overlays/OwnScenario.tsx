import { type DragEvent, useEffect, useId, useRef, useState } from 'react'
import type { Problem } from '../../core/base/problem.ts'
import { useHandles, useLab } from '../lab-context.ts'
import { ProblemList } from '../Notices.tsx'
import { readScenarioFile } from './scenario-file.ts'

/** A scenario of the reader's own: opened from a file, or the one that is shown saved as one. */
export function OwnScenario() {
  const { store } = useHandles()
  const title = useLab(s => s.run?.scenario.title ?? '')
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<{ readonly name: string; readonly problems: readonly Problem[] } | null>(null)
  const id = useId()
  const complaint = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (refused !== null) complaint.current?.scrollIntoView({ block: 'nearest' })
  }, [refused])

  const take = async (file: File | undefined) => {
    if (file === undefined) return
    const { setPlaying, openOwn, show } = store.getState()
    setPlaying(false)
    const read = await readScenarioFile(file)
    const problems = read.ok ? await openOwn(read.value, file.name) : read.problems
    setRefused(problems.length === 0 ? null : { name: file.name, problems })
    if (problems.length === 0 && store.getState().overlay === 'scenarios') show('none')
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }
  return (
    <section
      className={over ? 'own-scenario is-over' : 'own-scenario'}
      aria-label="Your own scenario"
      onDragOver={event => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h3>Your own</h3>
      <p>
        <label htmlFor={id}>
          <b>Open a scenario file…</b>
        </label>{' '}
        <span className="muted">
          JSON; chosen or dropped here. It stays in your browser, and in the link you share.
        </span>
      </p>
      <p className="own-scenario-row">
        <input
          id={id}
          type="file"
          accept=".json,application/json"
          onChange={event => {
            void take(event.target.files?.[0])
            // The same file may be chosen again after it was mended.
            event.target.value = ''
          }}
        />
        <button type="button" disabled={title === ''} onClick={() => void save(store)}>
          Save this scenario as a file
        </button>
      </p>
      {refused !== null && (
        <div ref={complaint} className="own-scenario-refused" role="alert">
          <p>
            <b>{refused.name} was not opened.</b> What was open still is.
          </p>
          <ProblemList problems={refused.problems} />
        </div>
      )}
    </section>
  )
}

/** Hands the scenario that is shown to the browser as a download. */
async function save(store: ReturnType<typeof useHandles>['store']): Promise<void> {
  const text = await store.getState().scenarioText()
  if (text === null) return
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = `${store.getState().run?.scenario.id ?? 'scenario'}.json`
  link.click()
  // The browser has taken hold of it by the next turn of the loop.
  setTimeout(() => URL.revokeObjectURL(link.href), 0)
}
