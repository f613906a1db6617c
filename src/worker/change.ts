import type { Problem } from '../core/base/problem.ts'
import { driverFor } from '../core/policy/presets.ts'
import { follow } from '../core/runs/follow.ts'
import { Run } from '../core/runs/run.ts'
import { KERNEL_IDS } from '../core/runs/settings.ts'
import type { RunLink, SettingsChange } from './lab-api.ts'
import type { OpenRun } from './open-run.ts'
import { labFor, resolveLink } from './resolve.ts'
import { DEMO_LENGTH, runFairly } from './run-fairly.ts'

/** The open run under other settings: its schedule followed there, or, when nobody has steered it yet, a fair run anew. */
export function changed(before: OpenRun, change: SettingsChange): { opened: OpenRun; problems: readonly Problem[] } {
  const resolved = resolveLink(linkFor(before, change))
  const lab = labFor(resolved)
  if (!before.steered) {
    const run = new Run(lab)
    runFairly(run, DEMO_LENGTH)
    return {
      opened: { resolved, run, at: Math.min(before.at, run.length), steered: false },
      problems: resolved.problems,
    }
  }
  const { run, rows, stopped } = follow(before.run, lab)
  // Where the step that the reader sees has been done here: the last row that had not gone past it.
  const at = rows.findLast(row => row.here <= before.at)?.there ?? 0
  const problems: Problem[] = [...resolved.problems]
  if (stopped !== '') {
    problems.push({
      at: `schedule step ${(rows.findLast(row => row.hereStep !== null)?.here ?? 0) + 1}`,
      message: `this schedule cannot be followed further in ${resolved.settings.kernel}: ${stopped}`,
      mend: 'The run is shown up to there. Go on with moves of your own, or go back to the kernel before',
    })
  }
  return { opened: { resolved, run, at, steered: true }, problems }
}

function linkFor({ resolved }: OpenRun, change: SettingsChange): RunLink {
  const { settings, custom, scenario, without } = resolved
  const kernel = KERNEL_IDS.find(id => id === change.kernel)
  const kept = Object.fromEntries(Object.entries(settings.switches).map(([id, value]) => [id, String(value)]))
  return {
    scenario: scenario.id,
    kernel: change.kernel ?? settings.kernel,
    driver: change.driver ?? (kernel === undefined ? settings.driver : driverFor(kernel, settings)),
    arch: change.arch ?? settings.arch,
    switches: change.switches === null ? {} : { ...kept, ...change.switches },
    without: change.without === null ? [] : without,
    ...(custom === null ? {} : { custom }),
  }
}
