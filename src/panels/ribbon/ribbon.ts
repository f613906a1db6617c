import type { PhaseView } from '../../core/view/world.ts'

export type PhaseState = 'done' | 'current' | 'ahead'

/** Where a phase stands. Holes and empty calls are passed like any other. */
export function phaseState(index: number, current: number | null, doneUpTo: number): PhaseState {
  if (index === current) return 'current'
  return index < doneUpTo ? 'done' : 'ahead'
}

/** The word that a hall must be able to read, for what does not happen here. */
export function phaseWord(phase: PhaseView, short = false): string {
  if (phase.kind === 'hole') return isNamedSo(phase) ? '' : 'no call here'
  if (phase.kind !== 'empty') return ''
  return short ? 'called, empty' : 'called, empty function'
}

/** A hole that no kernel function gives its name to is called what it is. */
export const isNamedSo = (phase: PhaseView): boolean => phase.title.startsWith('no call')

/** Whether names and notes fit side by side on one line of `width` pixels. */
export function fitsRoomy(phases: readonly PhaseView[], width: number): boolean {
  const widthOf = (p: PhaseView): number =>
    Math.max(p.title.length * 7.3, phaseWord(p).length * 6.4, Math.min(p.note.length, MOST_NOTE) * 6) + 30
  return phases.reduce((sum, p) => sum + widthOf(p) + 18, 0) <= width
}

/** Letters of a note that a phase makes room for. */
const MOST_NOTE = 12

/** The phase as a sentence, for readers who listen. */
export function phaseSentence(phase: PhaseView, state: PhaseState): string {
  const where = { done: 'behind us', current: 'running now', ahead: 'still ahead' }[state]
  const parts = [phase.title, phaseWord(phase), phase.note].filter(Boolean).join(', ')
  return `${parts}; ${where}${phase.amber ? '; pages are unmapped and not yet freed here' : ''}`
}

/**
 * A kernel name on two lines, as narrow as it gets. It may break after an underscore, nowhere else: a name broken
 * elsewhere is not found in the source.
 */
export function nameLines(title: string): readonly string[] {
  const parts = title.split(/(?<=_)/)
  let best: readonly string[] = [title]
  for (let i = 1; i < parts.length; i++) {
    const lines = [parts.slice(0, i).join(''), parts.slice(i).join('')]
    if (longest(lines) < longest(best)) best = lines
  }
  return best
}

const longest = (lines: readonly string[]): number => Math.max(...lines.map(l => l.length))
