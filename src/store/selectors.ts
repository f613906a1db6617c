import type { MoveView, PhaseView, StepView } from '../core/view/world.ts'
import type { SwitchCard } from '../worker/lab-api.ts'
import type { LabState } from './lab-store.ts'

/** Moves that can be made now, in the order of their number keys. */
export const readyMoves = (s: LabState): readonly MoveView[] => s.snapshot?.moves.filter(m => m.ready) ?? []

/** The worker has said all it was asked. */
export const answered = (s: LabState): boolean => s.pending === 0 && (s.snapshot !== null || s.failure !== null)

export const atEnd = (s: LabState): boolean => s.snapshot !== null && s.goal >= s.snapshot.length

/** There is something ahead: a step of the run, or a move to be made. */
export const canGoOn = (s: LabState): boolean => !atEnd(s) || readyMoves(s).length > 0

/**
 * Where the next phase begins (`direction` 1), or where the current one began and then the one before it (-1). Steps of
 * other actors belong to the phase that the ribbon's own actor is in.
 */
export function phaseBoundary(film: readonly StepView[], at: number, direction: 1 | -1): number {
  const starts = phaseStarts(film)
  if (direction === 1) return starts.find(start => start > at) ?? film.length
  return starts.findLast(start => start < at) ?? 0
}

/** Step numbers at which the ribbon moves on to another phase. */
export function phaseStarts(film: readonly StepView[]): readonly number[] {
  const starts: number[] = []
  let current: number | null = null
  for (const step of film) {
    if (step.phase === null || step.phase === current) continue
    current = step.phase
    starts.push(step.number)
  }
  return starts
}

/** The first step of a phase, or null when the run has not reached it. */
export const stepOfPhase = (film: readonly StepView[], phase: number): number | null =>
  film.find(step => step.phase === phase)?.number ?? null

/** The furthest phase reached at step `at`, or -1 before the first. */
export function phasesDone(film: readonly StepView[], at: number, phases: readonly PhaseView[]): number {
  let done = -1
  for (const step of film) {
    if (step.number > at) break
    if (step.phase !== null && step.phase > done && step.phase < phases.length) done = step.phase
  }
  return done
}

/** A switch with where it stands, for the list of all of them. */
export interface SwitchRow {
  readonly card: SwitchCard
  readonly value: boolean | string
  readonly changed: boolean
}

/** All switches by group, in catalogue order. */
export function switchRows(s: Pick<LabState, 'catalogue' | 'run'>): readonly SwitchRow[] {
  const { catalogue, run } = s
  if (catalogue === null || run === null) return []
  return catalogue.switches.flatMap(card => {
    const value = run.switches[card.id]
    return value === undefined ? [] : [{ card, value, changed: run.changed.includes(card.id) }]
  })
}

/** The switches that have every word that was typed somewhere in their texts, whatever the case; all of them for nothing. */
export function switchesFound(rows: readonly SwitchRow[], typed: string): readonly SwitchRow[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(({ card }) => {
    const text = [card.id, card.label, card.what, ...card.values.map(v => v.label)].join(' ').toLowerCase()
    return words.every(word => text.includes(word))
  })
}
