import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { StudyKind } from '../../worker/study-api.ts'
import { Tabs } from '../Tabs.tsx'
import { count } from './answer.ts'
import './closer.css'
import { CLOSER_LOOKS, type CloserLook } from './closer-list.tsx'
import type { Question } from './explore-store.ts'
import { studies } from './studies-session.ts'
import { IDLE, type StudyState } from './study-store.ts'

/** The look that is still open when the reader comes back from a run. */
let lastChosen: StudyKind | undefined

/** What all runs have in common, beyond the verdict. Each look is begun by the reader: some take as long as the search. */
export function CloserCard({ question }: { readonly question: Question }) {
  const [first] = CLOSER_LOOKS
  const [current, choose] = useState<StudyKind | undefined>(lastChosen ?? first?.kind)
  useEffect(() => studies.getState().look(question), [question])
  if (current === undefined) return null
  return (
    <section className="sheet closer" aria-labelledby="closer-title">
      <h2 id="closer-title">A closer look</h2>
      <Tabs
        label="Closer looks"
        current={current}
        onChoose={kind => {
          lastChosen = kind
          choose(kind)
        }}
        tabs={CLOSER_LOOKS.map(look => ({
          id: look.kind,
          title: look.title,
          render: () => <Look key={look.kind} look={look} question={question} />,
        }))}
      />
    </section>
  )
}

function Look({ look, question }: { readonly look: CloserLook; readonly question: Question }) {
  const study = useStore(studies, s => (s.question?.name === question.name ? s.studies[look.kind] : undefined)) ?? IDLE
  const { study: begin, stop } = studies.getState()
  const place = useFocusKept(study.phase)
  const answered = study.phase === 'done' && study.answer !== null
  return (
    <div className="closer-look" data-study={study.phase} ref={place} tabIndex={-1}>
      <p className="closer-lead">{look.lead}</p>
      <div className={answered ? 'unseen' : 'explore-actions'}>
        {study.phase === 'working' && (
          <button type="button" className="press" onClick={stop}>
            Stop
          </button>
        )}
        {study.phase !== 'working' && !answered && (
          <button type="button" className="press is-strong" onClick={() => void begin(look.kind)}>
            {study.phase === 'idle' ? 'Look' : 'Look again'}
          </button>
        )}
        <p className="muted" role="status">
          {wordsOf(study)}
        </p>
      </div>
      {answered && look.show(study.answer, question)}
    </div>
  )
}

/** A button that was pressed is gone when the answer comes. Whoever stood on it goes on from the answer, not from the page’s top. */
function useFocusKept(phase: StudyState['phase']) {
  const place = useRef<HTMLDivElement>(null)
  const before = useRef(phase)
  useLayoutEffect(() => {
    const changed = before.current !== phase
    before.current = phase
    if (changed && document.activeElement === document.body) place.current?.focus({ preventScroll: true })
  }, [phase])
  return place
}

function wordsOf({ phase, progress, seconds, why }: StudyState): string {
  if (phase === 'lost') return `It was lost: ${why}.`
  if (phase === 'stopped') return 'Stopped.'
  if (phase === 'idle') return ''
  if (phase === 'done') return `Answered in ${seconds.toFixed(1)} seconds.`
  if (progress === null || progress.doing === '') return 'Building the machine…'
  const parts = progress.of === null ? '' : `, ${count(progress.done)} of ${count(progress.of)}`
  return `${progress.doing}${parts}. ${count(progress.states)} states so far.`
}
