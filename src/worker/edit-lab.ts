import { type JsonNode, placeIn, readJson } from '../core/base/json.ts'
import { printJson } from '../core/base/json-print.ts'
import { Run } from '../core/runs/run.ts'
import { readSchedule } from '../core/runs/schedule.ts'
import { buildLab } from '../core/scenarios/build.ts'
import type { Scenario } from '../core/scenarios/scenario.ts'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { viewOf } from '../core/view/view-of.ts'
import type { Checked, EditApi, Materials, Note, Preview } from './edit-api.ts'
import { type Located, locate, namedTwice } from './locate.ts'
import { labFor, resolveLink } from './resolve.ts'
import { formOf } from './scenario-form.ts'
import { parseScenarioText } from './scenario-input.ts'
import { scenarioSchema } from './scenario-schema.ts'

/** A schedule is followed this far while the reader types: 10,000 steps of a large machine take a second. */
const MOST_STEPS = 1000

/** The service of the editor, an ordinary object: its worker serves it, tests call it. */
export function createEditLab(): EditApi {
  return {
    materials: (): Materials => ({
      form: formOf(scenarioSchema),
      shipped: SCENARIOS.map(s => ({ id: s.id, title: s.title, text: `${printJson(s)}\n` })),
    }),
    check,
  }
}

function check(text: string, kernel: string): Checked {
  const mark = text.startsWith('\ufeff') ? 1 : 0
  const json = readJson(text, mark)
  const read = parseScenarioText(text)
  if (!json.ok) {
    const { at, message, mend } = json.fault
    const place = placeIn(text, at)
    const span = { from: at, to: at + 1 }
    const said = { at: `line ${place.line}, column ${place.column}`, message: `this is not JSON: ${message}`, mend }
    return { problems: [{ ...said, path: [], span, ...place }], preview: null, notes: [] }
  }
  const problems = [...namedTwice(json.root), ...(read.ok ? [] : read.problems)].map(p => locate(text, json.root, p))
  if (!read.ok) return { problems: inOrder(problems), preview: null, notes: [] }
  return built(read.value, text, kernel, json.root, problems)
}

const inOrder = (problems: readonly Located[]): readonly Located[] =>
  problems.toSorted((a, b) => a.span.from - b.span.from)

/** The machine, and its things to try. A scenario that was let through and cannot be built is a bug of ours; who writes one must not lose by it. */
function built(
  scenario: Scenario,
  text: string,
  kernel: string,
  root: JsonNode,
  problems: readonly Located[],
): Checked {
  try {
    const preview = previewOf(scenario, text, kernel)
    return { problems: inOrder(problems), preview, notes: scenario.breaks.flatMap((_, i) => noteOn(scenario, text, i)) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const problem = {
      at: 'scenario',
      message: `the machine could not be built: ${why.slice(0, 200)}`,
      mend: 'That is a fault of the lab. Take back what you changed last',
    }
    return { problems: inOrder([...problems, locate(text, root, problem)]), preview: null, notes: [] }
  }
}

function previewOf(scenario: Scenario, text: string, kernel: string): Preview {
  const { policy, settings } = resolveLink({ scenario: 'own', custom: text, kernel })
  const lab = buildLab(scenario, policy)
  return {
    title: scenario.title,
    world: viewOf(lab, lab.initial),
    actors: lab.actors.map(a => a.name),
    stateBytes: lab.setup.shape.words * 4,
    kernel: settings.kernel,
  }
}

/** Follows the schedule of one thing to try, in its own kernel. */
function noteOn(scenario: Scenario, text: string, index: number): Note[] {
  const tried = scenario.breaks[index]
  if (tried?.schedule === undefined) return []
  const { steps } = readSchedule(tried.schedule)
  const switches = Object.fromEntries(Object.entries(tried.switches ?? {}).map(([id, value]) => [id, String(value)]))
  const { kernel, driver } = tried
  const run = new Run(labFor(resolveLink({ scenario: 'own', custom: text, kernel, driver, switches })))
  const path = ['breaks', index, 'schedule']
  for (const [i, choice] of steps.slice(0, MOST_STEPS).entries()) {
    const reason = run.refusal(i, choice)
    if (reason !== '') return [{ path, wrong: true, message: `It stops at step ${i + 1}: ${reason}.` }]
    run.push(choice)
  }
  const followed = steps.length > MOST_STEPS ? `Followed for ${MOST_STEPS} of ${steps.length} steps.` : ''
  return [{ path, wrong: false, message: followed || `All ${steps.length} steps can be made.` }]
}
