import type { TimedEvent } from './timed.ts'

/** A stretch of a recording between two markers of its workload. */
export interface Step {
  /** What the workload said it does next; BEGIN up to the first such marker. */
  readonly name: string
  /** Events [from, to) of the recording, the marker itself left out. */
  readonly from: number
  readonly to: number
}

/** Name of the only step of a recording without markers. */
export const WHOLE = '(whole recording)'

/**
 * Splits at the markers `BEGIN name`, `STEP text` and `END name`. What comes before a BEGIN or after its END belongs to
 * no step; without any of these markers the whole recording is one step. Other markers are events like any other.
 */
export function stepsOf(events: readonly TimedEvent[]): Step[] {
  const steps: Step[] = []
  let open: { name: string; from: number } | null = null
  const close = (to: number): void => {
    if (open !== null) steps.push({ ...open, to })
  }
  const begins = events.some(e => controlOf(e)?.what === 'BEGIN')

  events.forEach((e, i) => {
    const control = controlOf(e)
    if (control === null) {
      // Started too late to have its BEGIN, or never given one.
      if (open === null && !begins && steps.length === 0) open = { name: WHOLE, from: i }
      return
    }
    close(i)
    if (control.what === 'BEGIN') open = { name: 'BEGIN', from: i + 1 }
    else if (control.what === 'STEP') open = { name: control.text, from: i + 1 }
    else open = null
  })
  close(events.length)
  return steps
}

/** What a marker says about steps, or null. */
export function controlOf(e: TimedEvent): { readonly what: 'BEGIN' | 'STEP' | 'END'; readonly text: string } | null {
  if (e.event.type !== 'marked') return null
  const match = /^(BEGIN|STEP|END)(?: (.*))?$/s.exec(e.event.text)
  if (match === null) return null
  return { what: match[1] as 'BEGIN' | 'STEP' | 'END', text: match[2] ?? '' }
}
