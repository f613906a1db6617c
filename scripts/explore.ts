import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { type Problem, problemLine } from '../src/core/base/problem.ts'
import { runToEnd } from '../src/core/explorer/explore.ts'
import { PLAIN, REDUCED, search } from '../src/core/explorer/search.ts'
import type { Verdict } from '../src/core/explorer/system.ts'
import { ARCHITECTURES, DRIVERS, KERNELS } from '../src/core/policy/catalogue.ts'
import { SWITCHES } from '../src/core/policy/switches.ts'
import { decodeSchedule, encodeSchedule } from '../src/core/runs/schedule.ts'
import { buildLab } from '../src/core/scenarios/build.ts'
import { propertiesOf, systemOf } from '../src/core/scenarios/exploration.ts'
import { SCENARIOS } from '../src/core/scenarios/scenario-list.ts'
import { verdictSentence } from '../src/core/scenarios/verdict-sentence.ts'
import { GRAPH_FORMATS, type GraphFormat, graphText } from '../src/core/studies/graph-text.ts'
import { answerOfStudy, type Subject } from '../src/core/studies/study.ts'
import { wholeGraph } from '../src/core/studies/whole-graph.ts'
import type { RunLink } from '../src/worker/lab-api.ts'
import { resolveLink } from '../src/worker/resolve.ts'
import { bugCards, exploreBug, isBugNumber } from './explore-bug.ts'
import { minimise } from './explore-minimise.ts'

const HELP = `Looks at every interleaving of a scenario.

  npm run --silent explore -- <scenario id | file.json> [--kernel ID] [--driver KIND] [--arch ID] [--set switch=value …]
                              [--no-reduction] [--max-states N] [--json] [--minimise [--run SCHEDULE]]
  npm run --silent explore -- <scenario id | file.json> … --graph dot|aut > FILE
  npm run --silent explore -- B01 [--fixed] [--max-states N] [--json]
  npm run --silent explore -- --list [--json]

B01 and its like are bugs of the shelf, docs/bugs.md: their scenario with the bug, with --fixed without it, and the run that is told.

--no-reduction is the plainest search there is: every state, kept whole, nearest first. It gives the same verdict, later. Without it,
states may stand for others, and scripts of devices, guests and drivers that repeat themselves go round: the number of states is that of those
looked at.

--minimise looks for the smallest case in which the same rule is still broken: CPUs, devices, actions, pages, entries and frames
go one by one, each try searched in full, and each step that stays is proved necessary. It begins with the run of --run if that
breaks a rule, else with a shortest one. With --json the answer holds the scenario that is left and the schedule that breaks it.

--graph prints every state and every move instead of a verdict: dot for Graphviz, aut for CADP and mCRL2. Exit status 0 when all
of it was printed, 3 when there are more than --max-states (1000000 unless told otherwise): then nothing is printed.

Exit status: 0 every state was looked at and nothing is broken, 1 a rule is broken or somebody is stuck, 2 bad input,
3 out of budget: nothing was found in the states looked at, the rest were not.`

const MOST_BYTES = 8 * 2 ** 30
const DEFAULT_STATES = 50_000_000
/** As text, a state and its moves take some 300 bytes. */
const DEFAULT_GRAPH_STATES = 1_000_000
const EXIT: Readonly<Record<Verdict['kind'], number>> = {
  holds: 0,
  'never-seen': 0,
  violated: 1,
  deadlock: 1,
  'out-of-budget': 3,
}

/** Bad input: every problem on a line of its own, then exit status 2. */
function refuse(problems: readonly Problem[]): never {
  for (const p of problems) console.error(problemLine(p))
  process.exit(2)
}

const bad = (at: string, message: string, mend: string): never => refuse([{ at, message, mend }])

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        kernel: { type: 'string' },
        driver: { type: 'string' },
        arch: { type: 'string' },
        set: { type: 'string', multiple: true },
        'no-reduction': { type: 'boolean' },
        'max-states': { type: 'string' },
        list: { type: 'boolean' },
        minimise: { type: 'boolean' },
        run: { type: 'string' },
        graph: { type: 'string' },
        fixed: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (e) {
    return bad('arguments', e instanceof Error ? e.message : String(e), 'See --help')
  }
}

function list(json: boolean): void {
  const scenarios = SCENARIOS.map(({ id, title, bugs }) => ({ id, title, bugs }))
  const named = (cards: readonly { id: string; what: string }[]) => cards.map(({ id, what }) => ({ id, what }))
  const switches = SWITCHES.map(({ id, what, values }) => ({ id, what, values: values.map(v => v.value) }))
  const bugs = bugCards()
  const all = {
    scenarios,
    bugs,
    kernels: named(KERNELS),
    drivers: named(DRIVERS),
    archs: named(ARCHITECTURES),
    switches,
  }
  if (json) console.log(JSON.stringify(all, null, 2))
  else {
    for (const s of scenarios) console.log(`${s.id.padEnd(22)} ${s.bugs.join(' ').padEnd(8)} ${s.title}`)
    for (const b of bugs) console.log(`${b.id}     ${b.title}`)
    for (const [what, cards] of [
      ['kernel', all.kernels],
      ['driver', all.drivers],
      ['arch', all.archs],
    ] as const) {
      for (const c of cards) console.log(`${what.padEnd(7)} ${c.id.padEnd(12)} ${c.what}`)
    }
    for (const s of switches) console.log(`switch  ${s.id} = ${s.values.join(' | ')}`)
  }
}

/** `a.json` is read as a file, anything else is an id. */
function linkFor(name: string, values: ReturnType<typeof options>['values']): RunLink {
  const switches: Record<string, string> = {}
  for (const text of values.set ?? []) {
    const at = text.indexOf('=')
    if (at < 1) bad(`--set ${text}`, 'there is no “=” in it', 'Write it as --set switch=value')
    switches[text.slice(0, at)] = text.slice(at + 1)
  }
  const { kernel, driver, arch } = values
  const settings = { ...(kernel && { kernel }), ...(driver && { driver }), ...(arch && { arch }), switches }
  if (!name.endsWith('.json')) return { scenario: name, ...settings }
  try {
    return { scenario: 'file', custom: readFileSync(resolve(name), 'utf8'), ...settings }
  } catch (e) {
    return bad(name, e instanceof Error ? e.message : String(e), 'Name a file that can be read')
  }
}

async function run(): Promise<number> {
  const { values, positionals } = options()
  if (values.help) {
    console.log(HELP)
    return 0
  }
  if (values.list) {
    list(values.json === true)
    return 0
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0)
    return bad('arguments', 'one scenario is wanted', 'Name a shipped one (--list) or a JSON file')
  const format = GRAPH_FORMATS.find(f => f === values.graph)
  if (values.graph !== undefined && format === undefined)
    bad('--graph', `“${values.graph.slice(0, 20)}” is no format`, `Choose one of ${GRAPH_FORMATS.join(', ')}`)
  if (values.graph !== undefined && values.json)
    bad('--graph', 'it prints the graph, and nothing as JSON', 'Leave out --json or --graph')
  const limit = values['max-states'] ?? String(format === undefined ? DEFAULT_STATES : DEFAULT_GRAPH_STATES)
  if (!/^[1-9]\d{0,8}$/.test(limit))
    bad('--max-states', `“${limit.slice(0, 20)}” is no number of states`, 'Give a whole number from 1 to 999999999')

  if (isBugNumber(name)) return bug(name, values, Number(limit))
  if (values.fixed) bad('--fixed', `“${name}” is no bug of the shelf`, 'Name a bug: B01')
  const asked = { ...linkFor(name, values), schedule: values.run ?? '' }
  const resolved = resolveLink(asked)
  if (resolved.problems.length > 0) refuse(resolved.problems)
  if (values.run !== undefined) checkRun(values.run, values.minimise === true)
  const limits = { states: Number(limit), bytes: MOST_BYTES }
  if (values.minimise) return EXIT[minimise(resolved, asked, limits, values.json === true)]
  if (format !== undefined) return await printGraph(resolved, format, Number(limit))
  const lab = buildLab(resolved.scenario, resolved.policy)
  const begun = performance.now()
  const method = values['no-reduction'] ? PLAIN : REDUCED
  const verdict = runToEnd(search(systemOf(lab), propertiesOf(lab), limits, method))
  const seconds = (performance.now() - begun) / 1000

  const moves = verdict.kind === 'violated' || verdict.kind === 'deadlock' ? verdict.run : null
  const schedule = moves === null ? null : encodeSchedule(moves.map(m => ({ actor: m.actor, alternative: m.way })))
  const { settings } = resolved
  const property = 'property' in verdict ? verdict.property.id : null
  if (values.json) {
    const { states, transitions, depth, kind } = verdict
    const answer = {
      scenario: resolved.scenario.id,
      kernel: settings.kernel,
      driver: settings.driver,
      arch: settings.arch,
      switches: settings.switches,
      verdict: kind,
      property,
      states,
      transitions,
      depth,
      seconds,
      statesPerSecond: Math.round(states / seconds),
      schedule,
      link: link(resolved, schedule),
    }
    console.log(JSON.stringify(answer, null, 2))
  } else {
    console.log(verdictSentence(verdict, method.partialOrder))
    console.log(
      `${verdict.states} states, ${verdict.transitions} moves, depth ${verdict.depth}, ${seconds.toFixed(2)} s; whole states compared.`,
    )
    if (schedule !== null) console.log(link(resolved, schedule))
  }
  return EXIT[verdict.kind]
}

/** A bug brings its settings along. */
function bug(name: string, values: ReturnType<typeof options>['values'], states: number): number {
  const own = (['kernel', 'driver', 'arch', 'set', 'graph', 'minimise', 'run', 'no-reduction'] as const).find(
    option => values[option] !== undefined,
  )
  if (own !== undefined) bad(`--${own}`, `${name} brings its settings along`, `Leave it out, or name a scenario`)
  const answer = exploreBug(name, values.fixed === true, { states, bytes: MOST_BYTES }, values.json === true)
  return typeof answer === 'number' ? answer : refuse([answer])
}

function checkRun(text: string, wanted: boolean): void {
  if (!wanted) bad('--run', 'there is nothing to do with a run here', 'Add --minimise')
  const schedule = decodeSchedule(text, '--run')
  if (!schedule.ok) refuse(schedule.problems)
}

/** The whole graph to standard output, as fast as it is read. Over the limit: what to do about it, and nothing printed. */
async function printGraph(asked: Subject, format: GraphFormat, states: number): Promise<number> {
  const whole = answerOfStudy(wholeGraph(asked, { states, bytes: MOST_BYTES }))
  if (whole === undefined) {
    const mend = 'Give a larger --max-states, or a smaller scenario: fewer pages, CPUs or accesses'
    const at = '--max-states'
    console.error(problemLine({ at, message: `there are more than ${states} states, or they fill the memory`, mend }))
    return EXIT['out-of-budget']
  }
  try {
    await pipeline(Readable.from(graphText(whole.lab, whole.graph, format)), process.stdout, { end: false })
  } catch (e) {
    // Whoever reads has read enough: `… | head`.
    if ((e as NodeJS.ErrnoException).code !== 'EPIPE') throw e
  }
  return 0
}

/** The hash to open in the lab, at the first step of the counterexample. */
function link({ scenario, settings, custom }: ReturnType<typeof resolveLink>, schedule: string | null): string | null {
  if (custom !== null) return null
  const switches = Object.entries(settings.switches)
    .map(([id, value]) => `${id}:${value}`)
    .join(',')
  const parts = [`s=${scenario.id}`, `k=${settings.kernel}`, `d=${settings.driver}`, `a=${settings.arch}`]
  if (switches !== '') parts.push(`sw=${switches}`)
  if (schedule !== null) parts.push(`r=${schedule}`, 'at=0')
  return `#/lab?${parts.join('&')}`
}

process.exitCode = await run()
