import type { Run } from '../core/runs/run.ts'
import type { Scenario } from '../core/scenarios/scenario.ts'
import type { ScenarioCard } from './lab-api.ts'
import type { Resolved } from './resolve.ts'

/** A run that is open, and the step at which it stands. */
export interface OpenRun {
  readonly resolved: Resolved
  readonly run: Run
  at: number
  /** Somebody chose its moves: a link or the reader. Else it is the fair run that an opened scenario comes with. */
  steered: boolean
}

/** A scenario as the page lists it. */
export function scenarioCard(s: Scenario): ScenarioCard {
  return {
    id: s.id,
    title: s.title,
    purpose: s.purpose,
    lookFor: s.lookFor,
    bugs: s.bugs,
    breaks: s.breaks.map(b => ({
      what: b.what,
      link: {
        scenario: s.id,
        kernel: b.kernel,
        driver: b.driver,
        switches: Object.fromEntries(Object.entries(b.switches ?? {}).map(([id, value]) => [id, String(value)])),
        ...(b.schedule === undefined ? {} : { schedule: b.schedule, at: 0 }),
      },
    })),
  }
}
