import { type DragEvent, useEffect, useId, useRef, useState } from 'react'
import type { Problem } from '../../core/base/problem.ts'
import { useHandles, useLab } from '../lab-context.ts'
import { formatLink } from '../link.ts'
import { ProblemList } from '../Notices.tsx'
import { editHash } from '../route.ts'
import { readScenarioFile } from './scenario-file.ts'

interface Refused {
  readonly name: string
  readonly problems: readonly Problem[]
  /** What the file holds, when it is text: it can be mended in the editor. */
  readonly text: string | null
}

/** Scenarios of the reader's own: the way to the editor, and a file opened at once. */
export function OwnScenario() {
  const { store } = useHandles()
  const custom = useLab(s => s.run?.custom ?? null)
  const shown = useLab(s => s.run?.scenario.id ?? null)
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<Refused | null>(null)
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
    setRefused(problems.length === 0 ? null : { name: file.name, problems, text: read.ok ? read.value : null })
    if (problems.length === 0 && store.getState().overlay === 'scenarios') show('none')
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }
  const leave = () => store.getState().show('none')
  const whole = (text: string) => editHash(formatLink({ scenario: 'own', custom: text }))
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
      <p className="own-scenario-row">
        {shown !== null && (
          <a href={custom === null ? editHash(`s=${shown}`) : whole(custom)} onClick={leave}>
            Edit this scenario
          </a>
        )}
        <a href={editHash('new')} onClick={leave}>
          Start an empty one
        </a>
        <a href={editHash(null)} onClick={leave}>
          What you wrote last
        </a>
      </p>
      <p>
        <label htmlFor={id}>
          <b>Open a scenario file…</b>
        </label>{' '}
        <span className="muted">
          JSON; chosen or dropped here. It stays in your browser, and in the link you share.
        </span>
      </p>
      <p>
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
      </p>
      {refused !== null && (
        <div ref={complaint} className="own-scenario-refused" role="alert">
          <p>
            <b>{refused.name} was not opened.</b> What was open still is.{' '}
            {refused.text !== null && (
              <a href={whole(refused.text)} onClick={leave}>
                Mend it in the editor
              </a>
            )}
          </p>
          <ProblemList problems={refused.problems} />
        </div>
      )}
    </section>
  )
}
