import type { CompareData } from './row-of.ts'

/** How the other side fares, in one word. */
export interface Outcome {
  readonly kind: 'safe' | 'broken' | 'stopped'
  readonly word: string
}

/** Null while nothing has been done that could go wrong. */
export function outcomeOf(comparison: CompareData, there: string): Outcome | null {
  if (comparison.ending.kind === 'stopped') return { kind: 'stopped', word: `Stopped in ${there}` }
  const rules = comparison.worlds.at(-1)?.there.rules
  if (rules === undefined) return null
  return rules.some(r => r.verdict === 'violated')
    ? { kind: 'broken', word: `Broken in ${there}` }
    : { kind: 'safe', word: `Safe in ${there}` }
}
