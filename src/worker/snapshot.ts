import type { Machine } from '../core/machine/cells.ts'
import { damageOf } from '../core/machine/damage.ts'
import { nameIn } from '../core/policy/names.ts'
import { SWITCHES } from '../core/policy/switches.ts'
import { fingerprintOf, SEMANTICS } from '../core/runs/fingerprint.ts'
import { encodeSchedule } from '../core/runs/schedule.ts'
import type { SwitchValue } from '../core/runs/settings.ts'
import { actorView } from '../core/runs/step-view.ts'
import { actionText } from '../core/scenarios/actions.ts'
import { buildLab, type Lab } from '../core/scenarios/build.ts'
import { namesPoint, omissionPoints } from '../core/threads/omission.ts'
import { viewOf } from '../core/view/view-of.ts'
import type { MoveView, RibbonView } from '../core/view/world.ts'
import type { RunLink, RunView, Snapshot } from './lab-api.ts'
import { type OpenRun, scenarioCard } from './open-run.ts'
import { type Resolved, settle } from './resolve.ts'

/** What stays the same while the run is open. */
export function runView(open: OpenRun): RunView {
  const { resolved, run } = open
  const { lab } = run
  const { scenario, settings, policy } = resolved
  const preset = settle(scenario, settings.kernel, settings.driver, settings.arch, {}).policy
  const values: Record<string, SwitchValue> = {}
  const changed: string[] = []
  for (const { id } of SWITCHES) {
    const key = id as keyof typeof policy
    values[id] = policy[key]
    if (policy[key] !== preset[key]) changed.push(id)
  }
  return {
    scenario: scenarioCard(scenario),
    settings,
    switches: values,
    changed,
    actors: lab.actors.map(actorView),
    lanes: [...new Set(lab.actors.map(a => a.lane))],
    ribbon: ribbonOf(lab),
    leftOut: leftOutOf(resolved),
    custom: resolved.custom,
  }
}

function leftOutOf({ scenario, policy, without }: Resolved): RunView['leftOut'] {
  if (without.length === 0) return []
  const points = omissionPoints(buildLab(scenario, policy).programs)
  return points.filter(p => without.some(id => namesPoint(id, p))).map(({ what, path }) => ({ what, path }))
}

/** The CPU whose operation the ribbon follows: the first that tells subscribers of an invalidation, else the first that has phases. */
function ribbonCpu({ programs }: Lab): number {
  const tells = programs.findIndex(p => p.phases.some(phase => phase.title === 'invalidate_range_start'))
  return tells >= 0 ? tells : programs.findIndex(p => p.phases.length > 0)
}

/** Title and phases of the CPU whose ribbon is shown. */
export function ribbonOf(lab: Lab): RibbonView {
  const cpu = ribbonCpu(lab)
  const pages = (name: string): number => lab.scenario.memory.regions.find(r => r.name === name)?.pages ?? 0
  const script = lab.scenario.cpus[cpu]?.script ?? []
  return { title: script.map(a => actionText(a, pages)).join('; '), phases: lab.programs[cpu]?.phases ?? [] }
}

/** The run as it stands, with the steps from `filmFrom` on. */
export function snapshotOf(open: OpenRun, filmFrom: number): Snapshot {
  const { run, at } = open
  const { lab } = run
  const m = run.stateAt(at)
  const follows = ribbonCpu(lab)
  return {
    at,
    length: run.length,
    world: viewOf(lab, m),
    before: at === 0 ? null : viewOf(lab, run.stateAt(at - 1)),
    moves: movesOf(lab, m),
    step: onRibbon(run.film[at - 1], follows),
    film: run.film.slice(filmFrom).map(step => onRibbon(step, follows) ?? step),
    filmFrom,
    link: linkOf(open),
    phase: phaseAt(open, follows),
    ending: endingOf(lab, m),
  }
}

/** Phases of CPUs that the ribbon does not follow are not its phases. */
function onRibbon<T extends { readonly choice: { readonly actor: number }; readonly phase: number | null }>(
  step: T | undefined,
  follows: number,
): T | null {
  if (step === undefined) return null
  return step.choice.actor === follows ? step : { ...step, phase: null }
}

function phaseAt(open: OpenRun, follows: number): number | null {
  const { run, at } = open
  if (run.lab.actors[follows]?.finished(run.stateAt(at)) !== false) return null
  for (let i = at - 1; i >= 0; i--) {
    const step = run.film[i]
    if (step?.choice.actor === follows && step.phase !== null) return step.phase
  }
  return null
}

/** What every actor can do next; one that cannot move stands there once, with the reason. */
export function movesOf(lab: Lab, m: Machine): MoveView[] {
  return lab.actors.flatMap(actor => {
    const ways = actor.ready(m)
    const ready = ways > 0
    const reason = ready ? '' : actor.blocked(m)
    return Array.from({ length: Math.max(1, ways) }, (_, alternative): MoveView => {
      const op = actor.op(m, alternative)
      const choice = { actor: actor.id, alternative }
      return {
        choice,
        actor: actorView(actor),
        label: `${actor.name}: ${op.label}`,
        op: nameIn(lab.setup.policy, op.fn),
        ready,
        reason,
      }
    })
  })
}

function endingOf(lab: Lab, m: Machine): Snapshot['ending'] {
  if (lab.actors.some(a => a.ready(m) > 0)) return null
  const stuck = lab.actors.filter(a => !a.finished(m))
  if (stuck.length > 0) {
    return {
      kind: 'deadlock',
      sentence: `Nobody can move: ${stuck.map(a => `${a.name}: ${a.blocked(m)}`).join('; ')}.`,
    }
  }
  // Not every broken rule is harm to memory: an IOMMU that nobody told is one, too.
  if (damageOf(lab.setup, m) !== 0)
    return { kind: 'damage', sentence: 'Everybody is done, and a rule was broken on the way.' }
  return { kind: 'finished', sentence: 'Everybody is done, and no rule was broken.' }
}

/** The canonical link of this very moment. */
export function linkOf(open: OpenRun): RunLink {
  const { resolved, run, at } = open
  const { settings } = resolved
  return {
    scenario: resolved.scenario.id,
    kernel: settings.kernel,
    driver: settings.driver,
    arch: settings.arch,
    switches: Object.fromEntries(Object.entries(settings.switches).map(([id, value]) => [id, String(value)])),
    ...(resolved.without.length === 0 ? {} : { without: resolved.without }),
    schedule: encodeSchedule(run.choices),
    at,
    checksum: fingerprintOf(run),
    semantics: SEMANTICS,
    ...(resolved.custom === null ? {} : { custom: resolved.custom }),
  }
}
