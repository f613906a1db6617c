import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import type { Counter } from '../../panels/explore/Counters.tsx'
import { GrowthPlot, GrowthTable } from '../../panels/explore/GrowthPlot.tsx'
import { Soundness } from '../../panels/explore/Soundness.tsx'
import '../../panels/explore/explore.css'
import '../../panels/explore/matrix.css'
import type { SearchBegun } from '../../worker/explore-api.ts'
import { useHandles, useLab } from '../lab-context.ts'
import { answerOf, count, megabytes } from './answer.ts'
import { CloserCard } from './CloserCard.tsx'
import { type Hunt, type Question, questionOf } from './explore-store.ts'
import { HuntCard } from './HuntCard.tsx'
import { MatrixCard } from './MatrixCard.tsx'
import { session } from './session.ts'

/** Every run instead of one: a search under the settings that the header shows, and the matrix of all of them. */
export default function ExplorePlace() {
  const place = useRef<HTMLElement>(null)
  const question = useQuestion()
  const hunt = useStore(session, s => s.hunt)
  const mostStates = useStore(session, s => s.mostStates)
  const notice = useStore(session, s => s.notice)
  const catalogue = useLab(s => s.catalogue)
  useUnsettled(question, hunt)
  useEffect(() => {
    if (question !== null) session.getState().look(question)
  }, [question])

  const toTop = useCallback(() => {
    place.current?.scrollTo({ top: 0 })
    // On a phone the whole page scrolls, and not the place in it.
    place.current?.scrollIntoView({ block: 'start' })
  }, [])
  const begun = hunt?.begun ?? null
  const sizes = useMemo(() => (begun === null ? [] : sizesOf(begun)), [begun])

  const shown = hunt !== null && hunt.question.name === question?.name ? hunt : null
  if (shown === null || catalogue === null) return <p className="loading">Building the machine…</p>
  const states = shown.report?.states ?? 0
  const steps = shown.phase === 'answered' ? (shown.report?.verdict?.steps ?? null) : null
  return (
    <section className="explore" aria-label="Every interleaving" ref={place}>
      <p className="unseen" role="status" data-spoken="">
        {spoken(shown)}
      </p>
      {notice !== null && (
        <div className="explore-notice" role="status" aria-label="The search was restarted">
          <p>{notice}</p>
          <button type="button" className="press" onClick={() => session.getState().dismissNotice()}>
            Dismiss
          </button>
        </div>
      )}
      <div className="explore-top">
        <HuntCard hunt={shown} mostStates={mostStates} />
        <section className="sheet growth-card" aria-labelledby="growth-title">
          <h2 id="growth-title">How it grows</h2>
          <GrowthPlot
            levels={shown.levels}
            states={states}
            found={steps === null ? null : { depth: steps, states }}
            count={count}
          />
          <details>
            <summary>Depth by depth</summary>
            <GrowthTable levels={shown.levels} count={count} />
          </details>
        </section>
      </div>
      <CloserCard question={question ?? shown.question} />
      <MatrixCard scenarios={catalogue.scenarios} current={shown.question.name} onSearch={toTop} />
      <Soundness
        sizes={sizes}
        rules={begun?.rules ?? NO_RULES}
        method={begun?.coverage.limits.reduced === true ? REDUCED : METHOD}
        leftOut={catalogue.leftOut}
      />
    </section>
  )
}

/** What the header shows, as a question. */
function useQuestion(): Question | null {
  const link = useLab(s => s.snapshot?.link ?? null)
  return useMemo(() => (link === null ? null : questionOf(link)), [link])
}

/**
 * The page has settled when the question stands and no search runs that somebody waits for. The matrix is not waited for: it
 * says on its own, in `data-matrix`, how far it is.
 */
function useUnsettled(question: Question | null, hunt: Hunt | null): void {
  const { store } = useHandles()
  const reading = useLab(s => s.reading)
  const next = useStore(session, s => s.next)
  const stands = question === null || hunt?.question.name === question.name
  const building = hunt?.phase === 'ready' && hunt.begun === null
  const busy = !stands || building || hunt?.phase === 'searching' || next !== null
  useLayoutEffect(() => {
    if (reading !== busy) store.getState().setReading(busy)
  }, [store, reading, busy])
}

function spoken(hunt: Hunt): string {
  if (hunt.phase === 'ready') return ''
  const { headline, rest } = answerOf(hunt)
  if (hunt.phase === 'searching')
    return `Searching every interleaving of ${hunt.begun?.scenario.title ?? 'the scenario'}.`
  return `${headline} ${rest}`
}

function sizesOf({ coverage: c }: SearchBegun): readonly Counter[] {
  const of = (name: string, n: number): Counter => ({ name, value: count(n) })
  return [
    of(c.cpus === 1 ? 'CPU' : 'CPUs', c.cpus),
    of(c.devices === 1 ? 'device' : 'devices', c.devices),
    of('pages', c.pages),
    of('frames', c.frames),
    of('IOTLB entries', c.iotlb),
    of('walk-cache entries', c.walkCache),
    of('bytes a state', c.stateBytes),
    of('states at most', c.limits.states),
    { name: 'memory at most', value: megabytes(c.limits.bytes) },
  ]
}

const NO_RULES: SearchBegun['rules'] = []

const SIZES_ONLY = 'It covers this scenario with these sizes, and says nothing of larger ones.'

/** How it is searched. What the explorer does, in words: see core/explorer. */
const METHOD = [
  'Somebody who is not done while nobody can move is found as well.',
  'Whole states are compared. No two are taken for the same because of a hash.',
  'No reductions: no partial order, no symmetry. Every order of every step is looked at.',
  SIZES_ONLY,
]

const REDUCED = [
  METHOD[0] as string,
  METHOD[1] as string,
  'Records that no rule here looks at are not kept. In a search of more than 100,000 states, where it saves time, one order stands for all that cannot disturb each other, and one state for all that differ in names only. The verdict is that of a search of every state.',
  'In a search of more than 5,000 states, devices, guests and drivers whose scripts repeat themselves go round without end: what holds so holds however often they do it. If anything is found, the search is made again with the scripts as they are.',
  SIZES_ONLY,
]
