import { known } from '../core/base/assert.ts'
import type { Problem } from '../core/base/problem.ts'
import { ARCHITECTURES, DRIVERS, KERNELS, LEFT_OUT } from '../core/policy/catalogue.ts'
import { firstLike } from '../core/policy/presets.ts'
import { SWITCHES } from '../core/policy/switches.ts'
import { firstDifference, isFingerprint, SEMANTICS } from '../core/runs/fingerprint.ts'
import { Run } from '../core/runs/run.ts'
import { readSchedule } from '../core/runs/schedule.ts'
import type { Settings } from '../core/runs/settings.ts'
import { LIMITS } from '../core/scenarios/scenario.ts'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { changed } from './change.ts'
import { compareWith } from './comparison.ts'
import { exportText } from './export.ts'
import type { Catalogue, LabApi, Moved, Opened, RunLink, Snapshot } from './lab-api.ts'
import { type OpenRun, scenarioCard } from './open-run.ts'
import { labFor, resolveLink } from './resolve.ts'
import { runCost } from './run-cost.ts'
import { DEMO_LENGTH, runFairly } from './run-fairly.ts'
import { parseScenarioText } from './scenario-input.ts'
import { runView, snapshotOf } from './snapshot.ts'

/** The lab itself, an ordinary object: the worker serves it, tests call it. */
export function createLab(): LabApi {
  let open: OpenRun | undefined
  const current = (): OpenRun => known(open, 'an open run')

  const answer = (filmFrom: number): Snapshot => snapshotOf(current(), filmFrom)

  return {
    catalogue: (): Catalogue => ({
      scenarios: SCENARIOS.map(scenarioCard),
      kernels: KERNELS.map(k => ({ ...k, sameAs: firstLike(k.id) === k.id ? null : firstLike(k.id) })),
      drivers: DRIVERS,
      archs: ARCHITECTURES,
      switches: SWITCHES,
      leftOut: LEFT_OUT,
      semantics: SEMANTICS,
    }),

    open(link: RunLink): Opened {
      const resolved = resolveLink(link)
      const run = new Run(labFor(resolved))
      const problems: Problem[] = [...resolved.problems]
      const scheduled = link.schedule !== undefined && link.schedule !== ''
      if (scheduled) problems.push(...replay(run, link))
      else runFairly(run, DEMO_LENGTH)
      const asked = link.at ?? (scheduled ? run.length : 0)
      const at = Math.min(Math.max(0, Number.isSafeInteger(asked) ? asked : 0), run.length)
      if (at !== asked)
        problems.push({
          at: 'at',
          message: `step ${String(asked).slice(0, 20)} is not in this run`,
          mend: `It has ${run.length} steps; shown is step ${at}`,
        })
      open = { resolved, run, at, steered: scheduled }
      return { run: runView(open), snapshot: answer(0), problems }
    },

    change(change): Opened {
      const before = current()
      const { opened, problems } = changed(before, change)
      open = opened
      return { run: runView(open), snapshot: answer(0), problems }
    },

    seek(at: number): Snapshot {
      const o = current()
      o.at = Math.min(Math.max(0, Math.trunc(at) || 0), o.run.length)
      return answer(o.run.length)
    },

    move(choice): Moved {
      const o = current()
      const reason =
        o.run.length >= LIMITS.scheduleLength && o.at === o.run.length ? TOO_LONG : o.run.refusal(o.at, choice)
      if (reason !== '') return { ok: false, reason }
      const ahead = o.run.choices[o.at]
      if (ahead?.actor === choice.actor && ahead.alternative === choice.alternative) {
        o.at++
        return { ok: true, snapshot: answer(o.run.length) }
      }
      o.run.cut(o.at)
      o.run.push(choice)
      o.at++
      o.steered = true
      return { ok: true, snapshot: answer(o.at - 1) }
    },

    runOn(limit: number): Moved {
      const o = current()
      o.run.cut(o.at)
      const from = o.at
      runFairly(o.run, Math.min(limit, LIMITS.scheduleLength - from))
      if (o.run.length === from) return { ok: false, reason: 'nobody can move' }
      return { ok: true, snapshot: answer(from) }
    },

    compare: (settings: Settings) => compareWith(current(), settings),
    cost: () => runCost(current().run),
    exportRun: format => exportText(current(), format),

    checkScenario(text, name) {
      const read = parseScenarioText(text, name)
      return read.ok ? [] : read.problems
    },
  }
}

const TOO_LONG = `a run has at most ${LIMITS.scheduleLength} steps`
/** Replays a link's schedule as far as it goes and says where it could not be followed, or where it ends elsewhere. */
function replay(run: Run, link: RunLink): Problem[] {
  const { steps, problem } = readSchedule(link.schedule ?? '')
  for (const [i, choice] of steps.entries()) {
    const reason = run.refusal(i, choice)
    if (reason !== '') {
      return [{ at: `schedule step ${i + 1}`, message: reason, mend: `The run is shown up to step ${i}` }]
    }
    run.push(choice)
  }
  if (problem !== null) return [problem]
  if (link.checksum === undefined) return []
  if (!isFingerprint(link.checksum)) {
    return [{ at: 'c', message: 'the checksum is not one of ours', mend: 'The run is shown as this version plays it' }]
  }
  const difference = firstDifference(run, link.checksum)
  if (difference === undefined) return []
  const where =
    difference.from === difference.to ? `step ${difference.to}` : `steps ${difference.from} to ${difference.to}`
  const version =
    link.semantics === undefined || link.semantics === SEMANTICS
      ? ''
      : ` The link was made by version ${link.semantics} of the model, this is ${SEMANTICS}.`
  return [
    {
      at: `schedule ${where}`,
      message: 'the run goes another way than when the link was made',
      mend: `The state differs first there.${version}`,
    },
  ]
}
