import { useEffect, useRef } from 'react'
import type { PhaseView, RibbonView } from '../../core/view/world.ts'
import { Arrow, Mark } from '../shared/Mark.tsx'
import '../shared/shared.css'
import { useSize } from '../shared/use-size.ts'
import './ribbon.css'
import { fitsRoomy, isNamedSo, nameLines, type PhaseState, phaseSentence, phaseState, phaseWord } from './ribbon.ts'

export interface RibbonProps {
  readonly ribbon: RibbonView
  /** The phase that runs now; null before and after the operation. */
  readonly phase: number | null
  /** Phases with a lower index lie behind. */
  readonly doneUpTo: number
  onJump(phase: number): void
}

/** Among more phases than this, notes would be cut to nothing. */
const NOTED = 10

/** The phases of the operation in this kernel's order, with what it does not call drawn as holes. */
export function RibbonPanel({ ribbon, phase, doneUpTo, onJump }: RibbonProps) {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => keepInView(list.current, phase), [phase])
  const { width, rem } = useSize(list, { width: 1200, height: 0 })
  const dense = !fitsRoomy(ribbon.phases, (width * 16) / rem)
  return (
    <section
      className={`ribbon${dense ? ' ribbon-dense' : ''}${ribbon.phases.length > NOTED ? ' ribbon-bare' : ''}`}
      aria-label={`Phases of ${ribbon.title}`}
    >
      <h2 className="ribbon-title mono" title={ribbon.title}>
        {ribbon.title}
      </h2>
      <ol className="ribbon-list" ref={list}>
        {ribbon.phases.map((item, i) => (
          <li key={keyOf(ribbon.phases, i)} className="ribbon-item">
            {i > 0 && <Arrow />}
            <Phase phase={item} state={phaseState(i, phase, doneUpTo)} dense={dense} onJump={() => onJump(i)} />
          </li>
        ))}
      </ol>
    </section>
  )
}

/** A script may do the same twice: how often the phase was there before tells them apart. */
const keyOf = (phases: readonly PhaseView[], i: number): string => {
  const id = phases[i]?.id ?? ''
  return `${id} ${phases.slice(0, i).filter(phase => phase.id === id).length}`
}

interface PhaseProps {
  readonly phase: PhaseView
  readonly state: PhaseState
  readonly dense: boolean
  onJump(): void
}

function Phase({ phase, state, dense, onJump }: PhaseProps) {
  const word = phaseWord(phase, dense)
  const lines = dense ? nameLines(phase.title) : [phase.title]
  const classes = [
    'phase',
    `phase-${phase.kind}`,
    `phase-${state}`,
    phase.amber && 'phase-amber',
    lines.length > 1 && 'phase-long',
  ]
  const sentence = phaseSentence(phase, state)
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(' ')}
      aria-label={sentence}
      aria-current={state === 'current' ? 'step' : undefined}
      title={sentence}
      onClick={onJump}
    >
      {state === 'done' && <Mark kind="done" />}
      <span className={isNamedSo(phase) ? 'phase-word' : 'phase-name mono'}>
        {dense ? lines.map(line => <span key={line}>{line}</span>) : phase.title}
      </span>
      {word !== '' && <span className="phase-word">{word}</span>}
      {phase.note !== '' && word === '' && <span className="phase-note">{phase.note}</span>}
    </button>
  )
}

/** Scrolls the list, and only the list: the page must not jump under the reader. */
function keepInView(list: HTMLOListElement | null, phase: number | null): void {
  const item = phase === null ? null : (list?.children[phase] as HTMLElement | undefined)
  if (!list || !item) return
  const left = item.offsetLeft - list.offsetLeft
  if (left < list.scrollLeft || left + item.offsetWidth > list.scrollLeft + list.clientWidth) {
    list.scrollLeft = left - list.clientWidth / 3
  }
}
