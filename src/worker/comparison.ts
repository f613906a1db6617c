import { damageOf } from '../core/machine/damage.ts'
import { driverFor } from '../core/policy/presets.ts'
import { type FollowRow, follow } from '../core/runs/follow.ts'
import type { Run } from '../core/runs/run.ts'
import type { Settings } from '../core/runs/settings.ts'
import { buildLab } from '../core/scenarios/build.ts'
import { viewOf } from '../core/view/view-of.ts'
import type { Comparison } from './lab-api.ts'
import type { OpenRun } from './open-run.ts'
import { settle } from './resolve.ts'
import { costAlong, measuresIn } from './run-cost.ts'
import { linkOf, ribbonOf } from './snapshot.ts'

/** Rows that a comparison shows at the most: both worlds travel with each. */
const MOST_ROWS = 500

/** Follows the open run in another kernel and lays both side by side. */
export function compareWith(open: OpenRun, wanted: Settings): Comparison {
  const { scenario, settings: from } = open.resolved
  // A driver that the reader named is kept; the one that merely stands here gives way to that kernel's own.
  const driver = wanted.driver === from.driver ? driverFor(wanted.kernel, from) : wanted.driver
  const { settings, policy } = settle(scenario, wanted.kernel, driver, wanted.arch, wanted.switches)
  const { rows, run, stopped } = follow(open.run, buildLab(scenario, policy))
  const shown = rows.slice(0, MOST_ROWS)
  const cost = { here: costAlong(open.run), there: costAlong(run) }
  const divergence = shown.findIndex(row => !row.same)
  // The other side has everything in place: so a run that leaves something out is compared with one that does not.
  const resolved = { ...open.resolved, settings, policy, without: [] }
  return {
    settings,
    ribbon: ribbonOf(run.lab),
    rows: shown.map(row => ({
      here: row.hereStep,
      there: row.thereStep,
      at: row.hereStep === null ? null : row.here,
      same: row.same,
    })),
    divergence: divergence < 0 ? null : divergence,
    ending: endingOf(open.run, run, rows, stopped, settings.kernel),
    worlds: shown.map(row => ({
      here: viewOf(open.run.lab, open.run.stateAt(row.here)),
      there: viewOf(run.lab, run.stateAt(row.there)),
    })),
    costs: {
      here: measuresIn(open.run.lab),
      there: measuresIn(run.lab),
      rows: shown.map(row => ({ here: cost.here[row.here] ?? [], there: cost.there[row.there] ?? [] })),
    },
    link: linkOf({ resolved, run, at: run.length, steered: true }),
  }
}

function endingOf(
  here: Run,
  there: Run,
  rows: readonly FollowRow[],
  stopped: string,
  kernel: string,
): Comparison['ending'] {
  const damaged = (run: Run): boolean => damageOf(run.lab.setup, run.stateAt(run.length)) !== 0
  if (stopped !== '')
    return { kind: 'stopped', sentence: `This schedule cannot be followed further in ${kernel}: ${stopped}.` }
  if (rows.every(row => row.same)) return { kind: 'same', sentence: `Both runs are the same, step by step.` }
  if (damaged(there)) return { kind: 'followed', sentence: `Followed to the end. A rule is broken in ${kernel} too.` }
  return {
    kind: 'followed',
    sentence: damaged(here)
      ? `Followed to the end. In ${kernel} no rule is broken.`
      : 'Followed to the end. No rule is broken in either.',
  }
}
