import { Run } from '../core/runs/run.ts'
import { readSchedule } from '../core/runs/schedule.ts'
import type { RunFormat } from './explore-api.ts'
import { exportText } from './export.ts'
import type { RunLink } from './lab-api.ts'
import { labFor, resolveLink } from './resolve.ts'

/** The run of a link as the lab would export it. A schedule that cannot be followed to its end is shown up to there. */
export function runText(link: RunLink, format: RunFormat): string {
  const resolved = resolveLink(link)
  const run = new Run(labFor(resolved))
  for (const choice of readSchedule(link.schedule ?? '').steps) {
    if (run.refusal(run.length, choice) !== '') break
    run.push(choice)
  }
  return exportText({ resolved, run, at: 0, steered: true }, format)
}
