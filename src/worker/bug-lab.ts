import { known } from '../core/base/assert.ts'
import type { Bug, CostBug } from '../core/bugs/bug.ts'
import { bugById } from '../core/bugs/bug-list.ts'
import { costBugById } from '../core/bugs/cost-bugs.ts'
import { type BugVerdict, judge, labOfBug } from '../core/bugs/judge.ts'
import { priceOf } from '../core/bugs/price.ts'
import { type ReadyRun, readyRun } from '../core/bugs/ready-run.ts'
import { settingsOf, withField } from '../core/bugs/settings-of.ts'
import { type Stand, stands, turnAt } from '../core/bugs/turning.ts'
import { Run } from '../core/runs/run.ts'
import { readSchedule } from '../core/runs/schedule.ts'
import type { Settings } from '../core/runs/settings.ts'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { viewOf } from '../core/view/view-of.ts'
import type { StepView } from '../core/view/world.ts'
import type {
  BugApi,
  BugQuestion,
  BugReport,
  BugStory,
  BugVerdictView,
  PricedSide,
  PriceReport,
  StageStep,
  StageView,
} from './bug-api.ts'
import type { RunLink } from './lab-api.ts'
import { settle } from './resolve.ts'
import { linkOf } from './snapshot.ts'

/** Far more than any bug of the shelf needs: their tests give them 300,000 states. */
const BUDGET = { states: 2_000_000, bytes: 2 ** 29 }

interface UnderWay {
  readonly bug: Bug
  readonly settings: Settings
  readonly steps: Generator<number, BugVerdict, void>
  states: number
  seconds: number
  verdict: BugVerdictView | null
}

/** The shelf as a service, an ordinary object: its worker serves it, tests call it. `now` is a clock in milliseconds. */
export function createBugLab(now: () => number): BugApi {
  const standsOf = new Map<string, readonly Stand[]>()
  let search: UnderWay | undefined

  return {
    tell(question: BugQuestion): BugStory {
      const { bug, settings } = asked(question)
      const told = readyRun(bug, settings)
      const found = standsOf.get(bug.id) ?? stands(bug)
      standsOf.set(bug.id, found)
      const { side } = question
      return {
        settings,
        stages: stagesOf(bug, settings, told),
        possible: told.possible,
        stuck: told.stuck === null ? null : { stage: told.stuck.stage, why: told.stuck.why },
        stands: found,
        turn: side === 'present' || side === 'fixed' ? null : turnAt(bug, side, found),
      }
    },

    begin(question: BugQuestion): void {
      const { bug, settings } = asked(question)
      const steps = judge(labOfBug(bug, settings), [bug.rule], BUDGET)
      search = { bug, settings, steps, states: 0, seconds: 0, verdict: null }
    },

    advance(milliseconds: number): BugReport {
      const s = known(search, 'a search')
      const from = now()
      while (s.verdict === null && now() - from < milliseconds) {
        const step = s.steps.next()
        if (step.done === true) s.verdict = verdictView(s.bug, s.settings, step.value)
        else s.states = step.value
      }
      s.seconds += (now() - from) / 1000
      return { states: s.verdict?.states ?? s.states, seconds: s.seconds, verdict: s.verdict }
    },

    price(id: string): PriceReport {
      const bug = known(costBugById(id), `bug ${id}`)
      return { present: pricedSide(bug, bug.present), fixed: pricedSide(bug, bug.fixed) }
    },
  }
}

function pricedSide(bug: CostBug, settings: Settings): PricedSide {
  const price = priceOf(bug, settings, BUDGET, BUDGET)
  const run = new Run(labOfBug(bug, settings))
  for (const choice of readSchedule(price.figures[0]?.figure.most.schedule ?? '').steps) run.push(choice)
  return { settings, price, dearest: linkTo(bug, settings, run, 0) }
}

function asked({ bug: id, side, but }: BugQuestion): { readonly bug: Bug; readonly settings: Settings } {
  const bug = known(bugById(id), `bug ${id}`)
  const settings = settingsOf(bug, side)
  return { bug, settings: but === undefined ? settings : withField(settings, but.field, but.value) }
}

/** The run cut at its numbered steps; what was made of the one in which it ends is the last of them. */
function stagesOf(bug: Bug, settings: Settings, { run, ends }: ReadyRun): StageView[] {
  const cuts = run.length > (ends.at(-1) ?? 0) || ends.length === 0 ? [...ends, run.length] : ends
  const isExtra = extraSteps(bug, run)
  return cuts.map((end, i) => {
    const from = cuts[i - 1] ?? 0
    return {
      steps: run.film.slice(from, end).map((step): StageStep => ({ step, extra: isExtra(step) })),
      link: linkTo(bug, settings, run, from),
      world: viewOf(run.lab, run.stateAt(end)),
      before: end === 0 ? null : viewOf(run.lab, run.stateAt(end - 1)),
    }
  })
}

/** Steps that the run with the bug does not have: told apart by who does what, as often as it does it. */
function extraSteps(bug: Bug, run: Run): (step: StepView) => boolean {
  const nameOf = ({ actor, op, mark }: StepView): string => `${actor.name}|${op}|${mark}`
  const left = new Map<string, number>()
  for (const step of readyRun(bug, bug.present).run.film) left.set(nameOf(step), (left.get(nameOf(step)) ?? 0) + 1)
  const extra = new Set<StepView>()
  for (const step of run.film) {
    const count = left.get(nameOf(step)) ?? 0
    if (count === 0) extra.add(step)
    else left.set(nameOf(step), count - 1)
  }
  return step => extra.has(step)
}

function linkTo(bug: Pick<Bug, 'scenario'>, settings: Settings, run: Run, at: number): RunLink {
  const { scenario } = bug
  const { kernel, driver, arch, switches } = settings
  const custom = SCENARIOS.includes(scenario) ? null : JSON.stringify(scenario)
  const resolved = { scenario, custom, ...settle(scenario, kernel, driver, arch, switches), without: [], problems: [] }
  return linkOf({ resolved, run, at, steered: true })
}

function verdictView(bug: Bug, settings: Settings, { kind, states, reduced, schedule }: BugVerdict): BugVerdictView {
  if (kind !== 'broken') return { kind, states, reduced, shortest: null }
  const run = new Run(labOfBug(bug, settings))
  for (const choice of schedule) run.push(choice)
  return { kind, states, reduced, shortest: { steps: schedule.length, link: linkTo(bug, settings, run, 0) } }
}
