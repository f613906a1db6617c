import type { Answer } from '../../panels/explore/Verdict.tsx'
import type { Coverage, SearchReport, VerdictView } from '../../worker/explore-api.ts'
import type { Hunt } from './explore-store.ts'

/** What a search has said so far, or says now, in one sentence cut in two: the word that counts, and the rest. */
export function answerOf({ phase, begun, report, why }: Hunt): Answer {
  switch (phase) {
    case 'ready':
      return {
        tone: 'idle',
        headline: 'Not searched yet.',
        rest: 'A run shows what can happen. A search shows what cannot.',
      }
    case 'searching':
      return { tone: 'busy', headline: 'Searching…', rest: 'Nearest states first, so what is found is a shortest run.' }
    case 'cancelled':
      return { tone: 'undecided', headline: 'Cancelled.', rest: `${soFar(report)} The rest were not looked at.` }
    case 'lost':
      return { tone: 'undecided', headline: 'The search was lost.', rest: `${why}. ${soFar(report)}` }
    case 'answered':
      return verdictOf(report?.verdict ?? null, report, begun?.coverage ?? null)
  }
}

const tones: Readonly<Record<VerdictView['kind'], Answer['tone']>> = {
  holds: 'holds',
  violated: 'broken',
  deadlock: 'stuck',
  'never-seen': 'undecided',
  'out-of-budget': 'undecided',
}

const lead: Readonly<Partial<Record<VerdictView['kind'], string>>> = {
  deadlock: 'Stuck.',
  'out-of-budget': 'Not decided.',
}

function verdictOf(verdict: VerdictView | null, report: SearchReport | null, coverage: Coverage | null): Answer {
  if (verdict === null) return { tone: 'undecided', headline: 'No answer.', rest: '' }
  const sentence = readable(verdict.sentence)
  const tone = tones[verdict.kind]
  const first = lead[verdict.kind]
  if (first !== undefined) {
    const stop = verdict.kind === 'out-of-budget' ? ` ${limitReached(report, coverage)}` : ''
    return { tone, headline: first, rest: `${sentence}${stop}` }
  }
  const colon = sentence.indexOf(': ')
  if (colon < 0) return { tone, headline: sentence, rest: '' }
  return { tone, headline: `${sentence.slice(0, colon)}.`, rest: sentence.slice(colon + 2) }
}

function limitReached(report: SearchReport | null, coverage: Coverage | null): string {
  if (report === null || coverage === null) return ''
  const { states, bytes } = coverage.limits
  return report.states >= states
    ? `The search was told to give up after ${count(states)} states.`
    : `Its memory is full: ${megabytes(bytes)}.`
}

const soFar = (report: SearchReport | null): string =>
  report === null ? 'Nothing had been looked at yet.' : `Nothing was found in the first ${count(report.states)} states.`

/** 1488 → 1,488 */
export const count = (n: number): string => n.toLocaleString('en-GB')

export const megabytes = (bytes: number): string => `${count(Math.round(bytes / 2 ** 20))} MiB`

/** Numbers of four digits and more, as people read them. */
export const readable = (sentence: string): string => sentence.replace(/\d{4,}/g, digits => count(Number(digits)))
