import type { Verdict } from '../explorer/system.ts'

/**
 * The explorer's answer as one sentence, the same on the page, in exports and on the command line. `reduced`: some states stood for
 * others, so it cannot say how many there are.
 */
export function verdictSentence(verdict: Verdict, reduced = false): string {
  switch (verdict.kind) {
    case 'holds':
      if (verdict.endless)
        return `Holds however often the accesses that repeat are made: ${verdict.states} states stand for all.`
      return reduced ? `Holds: ${verdict.states} states stand for all.` : `Holds in all ${verdict.states} states.`
    case 'never-seen':
      return `Never seen in all ${verdict.states} states: “${verdict.property.sentence}”.`
    case 'violated':
      return `Broken in ${verdict.run.length} steps: “${verdict.property.sentence}”. ${
        verdict.shortest === false ? 'Whether a shorter run does was not found out.' : 'No shorter run breaks it.'
      }`
    case 'deadlock':
      return `After ${verdict.run.length} steps somebody is not done, and nobody can move.`
    case 'out-of-budget':
      return `Nothing found in the first ${verdict.states} states. The rest were not looked at.`
  }
}
