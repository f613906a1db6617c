import { nearest } from '../../core/base/nearest.ts'
import type { RecordingCard } from './recordings.ts'

/** What the address says about the traces: which recording is open, at which of its steps (from 1). */
export interface OpenLink {
  readonly name: string
  /** As it was written; null where the link names no step. */
  readonly step: string | null
}

/** `munmap4/3`: what the store keeps of the place, and the address shows. */
export const openText = (name: string, step?: number): string => (step === undefined ? name : `${name}/${step}`)

/** Reads what openText() writes. */
export function readOpen(text: string | null): OpenLink | null {
  if (text === null) return null
  const [name = '', step = null] = text.split('/')
  return { name, step }
}

/** The recording a link means, and what was wrong with the link. */
export function findRecording(
  link: OpenLink | null,
  cards: readonly RecordingCard[],
): { readonly card: RecordingCard | null; readonly problem: string | null } {
  if (link === null) return { card: null, problem: null }
  const card = cards.find(c => c.name === link.name) ?? null
  if (card !== null) return { card, problem: null }
  if (link.name === '') return { card: null, problem: 'The link names a step, and no recording.' }
  const meant = nearest(
    link.name,
    cards.map(c => c.name),
  )
  const guess = meant === undefined ? '' : ` Did it mean ${meant}?`
  return {
    card: null,
    problem: `The link names a recording “${link.name.slice(0, 60)}”, and there is none of that name.${guess}`,
  }
}

/** The step a link means (from 0), null where it names none that there is; and what was wrong with it. */
export function findStep(
  step: string | null,
  steps: number,
): { readonly step: number | null; readonly problem: string | null } {
  if (step === null) return { step: null, problem: null }
  const number = /^\d{1,6}$/.test(step) ? Number(step) : 0
  if (number >= 1 && number <= steps) return { step: number - 1, problem: null }
  return {
    step: null,
    problem: `The link names a step “${step.slice(0, 20)}”; this recording has ${steps === 1 ? 'one' : `steps 1 to ${steps}`}.`,
  }
}
