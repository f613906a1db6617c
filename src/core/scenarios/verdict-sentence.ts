import type { Verdict } from '../explorer/system.ts'

/** The explorer's answer as one sentence, the same on the page, in exports and on the command line. */
export function verdictSentence(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'holds':
      return `Holds in all ${verdict.states} states.`
    case 'never-seen':
      return `Never seen in all ${verdict.states} states: “${verdict.property.sentence}”.`
    case 'violated':
      return `Broken in ${verdict.run.length} steps: “${verdict.property.sentence}”. No shorter run breaks it.`
    case 'deadlock':
      return `After ${verdict.run.length} steps somebody is not done, and nobody can move.`
    case 'out-of-budget':
      return `Nothing found in the first ${verdict.states} states. The rest were not looked at.`
  }
}
