import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import { compileInterleaving, type Stuck } from '../runs/interleaving.ts'
import type { Run } from '../runs/run.ts'
import type { Settings } from '../runs/settings.ts'
import { RULES } from '../scenarios/rules.ts'
import type { Bug } from './bug.ts'
import { circleIn } from './endless.ts'
import { ENDLESS_RULE, labOfBug } from './judge.ts'

/** A bug's interleaving, played under some settings. */
export interface ReadyRun {
  readonly run: Run
  /** By numbered step that could be made: steps of the run after it. */
  readonly ends: readonly number[]
  /** It could be made to its end, and the rule of the bug is broken there. */
  readonly possible: boolean
  /** Where it stops being possible. Set unless `possible`. */
  readonly stuck: Stuck | null
}

/** Plays the interleaving of a bug. Where it goes through without the harm, its last step counts as the impossible one. */
export function readyRun(bug: Bug, settings: Settings): ReadyRun {
  const { run, ends, stuck } = compileInterleaving(labOfBug(bug, settings), bug.run)
  const possible = stuck === null && breaks(bug.rule, run)
  if (possible || stuck !== null) return { run, ends, possible, stuck }
  const last = bug.run.length - 1
  const line = known(bug.run[last], 'numbered step').moves.length - 1
  return {
    run,
    ends: ends.slice(0, -1),
    possible,
    stuck: { stage: last, line, why: 'All of this can be done, and no harm comes of it' },
  }
}

function breaks(rule: string, run: Run): boolean {
  if (rule === ENDLESS_RULE) return circleIn(run) >= 0
  const found = known(
    RULES.find(r => r.id === rule),
    `rule ${rule}`,
  )
  return found.violated(run.lab.setup, run.stateAt(run.length) as Machine)
}
