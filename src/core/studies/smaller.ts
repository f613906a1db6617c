import { known } from '../base/assert.ts'
import { type Breach, breachOf } from '../explorer/breach.ts'
import { shorten } from '../explorer/minimise.ts'
import type { Move, Property } from '../explorer/system.ts'
import type { Machine } from '../machine/cells.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Choice } from '../threads/choice.ts'
import { Searches } from './searches.ts'
import { type Dropped, type Kept, reduce } from './smaller-scenario.ts'
import { choicesOf, type StepNeed, stepNeeds } from './smaller-steps.ts'
import type { Study, StudyLimits, Subject } from './study.ts'

/** The smallest case in which a rule is still broken, or why there is none. */
export type Smaller =
  /** Nothing is broken in all `states` states. */
  | { readonly kind: 'holds'; readonly states: number }
  /** Nothing was found in the first `states` states; the rest were not looked at. */
  | { readonly kind: 'undecided'; readonly states: number }
  | SmallestCase

export interface SmallestCase {
  readonly kind: 'smallest'
  readonly rule: { readonly id: string; readonly sentence: string }
  /** The run that was given, up to the step that breaks the rule; null when it breaks none. */
  readonly given: GivenRun | null
  /** Steps of a shortest run in the whole scenario; null when it was too large to find one. */
  readonly found: number | null
  readonly before: Measures
  readonly after: Measures
  /** In the order in which they went. */
  readonly dropped: readonly Dropped[]
  readonly kept: readonly Kept[]
  /** What is left. Its title and texts are those of the whole scenario; it has no `breaks`. */
  readonly scenario: Scenario
  /** A run that breaks the rule in it, and what is known of each step. */
  readonly schedule: readonly Choice[]
  readonly steps: readonly StepNeed[]
  /** No other run in it is shorter. Else it is the given one, from which no single step can be dropped. */
  readonly shortest: boolean
  /** Columns of its run: everybody who moves in it, by number, interrupts with their CPU. */
  readonly lanes: readonly string[]
  /** States looked at, in all searches. */
  readonly searched: number
}

export interface GivenRun {
  readonly steps: number
  /** What is left of it in the whole scenario when steps are dropped. */
  readonly shortened: readonly Choice[]
  /** No choice of steps to drop leaves fewer. Else no single step can be dropped. */
  readonly shortest: boolean
}

/** How large a case is. */
export interface Measures {
  readonly steps: number
  /** Who can move: CPUs, devices, and what answers to them. */
  readonly actors: number
  readonly cpus: number
  readonly devices: number
  /** Actions of all scripts. */
  readonly actions: number
  readonly regions: number
  readonly pages: number
  readonly frames: number
  /** Entries of every TLB and walk cache. */
  readonly entries: number
  readonly queue: number
  /** All that can be reached; null when there are more than were looked at. */
  readonly states: number | null
}

/** Moves made while steps of a given run are dropped, to be sure that no fewer are left. */
const MOST_MOVES = 100_000

/**
 * Makes a case smaller while the same rule is broken. Begins with the schedule, if it breaks a rule, else with a shortest run that
 * is searched for. Another way of breaking the same rule may be what is left.
 */
export function* smallestCaseOf(
  { scenario, policy }: Subject,
  schedule: readonly Choice[],
  limits: StudyLimits,
): Study<Smaller> {
  const searches = new Searches(limits)
  const lab = buildLab(scenario, policy)
  const given = brokenBy(lab, schedule)
  const properties = given === undefined ? propertiesOf(lab) : [given.property]
  const first: Breach = yield* searches.run(
    'Looking for a shortest run that breaks a rule',
    breachOf(systemOf(lab), properties, given === undefined ? limits : searches.budget()),
  )
  if (first.kind !== 'broken' && given === undefined) return { kind: first.kind, states: first.states }
  const property = first.kind === 'broken' ? first.property : known(given, 'a run').property
  const shortened = given === undefined ? null : yield* shortenedRun(lab, given.property, given.run)
  const found = first.kind === 'broken' ? first.run : known(shortened, 'a run').run

  // Schedules of `breaks` name actors by number, and numbers change.
  const reduced = yield* reduce({ whole: { ...scenario, breaks: [] }, policy, rule: property.id }, found, searches)
  const smallLab = buildLab(reduced.scenario, policy)
  const smallProperty = known(propertiesOf(smallLab, [property.id])[0], 'the rule')
  const steps = yield* stepNeeds(smallLab, smallProperty, reduced.run, searches)
  const before = yield* measured(lab, given?.run.length ?? found.length, searches)
  const after = yield* measured(smallLab, reduced.run.length, searches)
  return {
    kind: 'smallest',
    rule: { id: property.id, sentence: property.sentence },
    given:
      given === undefined || shortened === null
        ? null
        : { steps: given.run.length, shortened: choicesOf(shortened.run), shortest: shortened.shortest },
    found: first.kind === 'broken' ? found.length : null,
    before,
    after,
    dropped: reduced.dropped,
    kept: reduced.kept,
    scenario: reduced.scenario,
    schedule: choicesOf(reduced.run),
    steps,
    shortest: first.kind === 'broken' || reduced.run !== found,
    lanes: [...new Set(smallLab.actors.map(actor => actor.lane))].filter(lane =>
      steps.some(step => step.lane === lane),
    ),
    searched: searches.states,
  }
}

/** The schedule up to the step at which it breaks a rule, and that rule; undefined when it breaks none or cannot be followed so far. */
function brokenBy(
  lab: Lab,
  schedule: readonly Choice[],
): { readonly run: readonly Move[]; readonly property: Property } | undefined {
  const state = lab.initial.slice() as Machine
  const properties = propertiesOf(lab)
  for (const [at, { actor: id, alternative }] of schedule.entries()) {
    const actor = lab.actors[id]
    if (actor === undefined || alternative >= actor.ready(state)) return undefined
    actor.step(state, alternative)
    const property = properties.find(p => !p.holds(state))
    if (property === undefined) continue
    return { run: schedule.slice(0, at + 1).map(c => ({ actor: c.actor, way: c.alternative })), property }
  }
  return undefined
}

function* shortenedRun(lab: Lab, property: Property, run: readonly Move[]) {
  const attempts = shorten(systemOf(lab), property, run, MOST_MOVES)
  for (let done = 0; ; done++) {
    const attempt = attempts.next()
    if (attempt.done === true) return known(attempt.value, 'a run that breaks the rule')
    yield { doing: 'Dropping steps of the run', states: 0, done, of: null }
  }
}

function* measured(lab: Lab, steps: number, searches: Searches): Study<Measures> {
  const { scenario, actors } = lab
  const { cpus, devices, iommu, memory } = scenario
  const search = breachOf(systemOf(lab), [], searches.budget())
  const all = yield* searches.run('Counting states', search)
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
  return {
    steps,
    actors: actors.length,
    cpus: cpus.length,
    devices: devices.length,
    actions: sum([...cpus, ...devices].map(owner => owner.script.length)),
    regions: memory.regions.length,
    pages: sum(memory.regions.map(region => region.pages)),
    frames: memory.frames,
    entries: sum([iommu.iotlb, iommu.walkCache, ...cpus.flatMap(cpu => [cpu.tlb, cpu.walkCache])]),
    queue: iommu.queue,
    states: all.kind === 'holds' ? all.states : null,
  }
}
