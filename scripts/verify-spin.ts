import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { problemLine } from '../src/core/base/problem.ts'
import { explore, runToEnd } from '../src/core/explorer/explore.ts'
import type { Verdict } from '../src/core/explorer/system.ts'
import type { SwitchValues } from '../src/core/policy/policy.ts'
import { presetOf, usualDriver } from '../src/core/policy/presets.ts'
import { applySwitches } from '../src/core/policy/switches.ts'
import type { Arch, DriverKind, KernelId } from '../src/core/runs/settings.ts'
import { buildLab, type Lab } from '../src/core/scenarios/build.ts'
import { propertiesOf, systemOf } from '../src/core/scenarios/exploration.ts'
import { RULES } from '../src/core/scenarios/rules.ts'
import type { Scenario } from '../src/core/scenarios/scenario.ts'
import { scenarioById } from '../src/core/scenarios/scenario-list.ts'
import { type Choices, MODELS, macrosOf, spinAndGcc } from './promela.ts'

const HELP = `Holds the explorer against SPIN, which searches models of the same scenarios written in Promela (verify/spin).

  npm run --silent verify:spin -- [--write] [--only=WORD…]

--write  puts what was found into verify/spin/table.json and verify/spin/README.md
--only   the combinations whose line contains the word; several: all of them

For each combination of scenario, kernel, driver, architecture and switches both must find equally many states and
transitions, break the same rules, need equally many steps to do harm (I1, I2), and get stuck nowhere.

Exit status: 0 all equal, 1 something differs, 2 spin or gcc is missing, or the arguments make no sense.`

const TABLE = join(MODELS, 'table.json')
const README = join(MODELS, 'README.md')
/** Between them the table stands in the README. */
const BEGIN = '<!-- table -->'
const END = '<!-- end of table -->'
/** Rules whose breach is harm done. */
const HARM = ['I1', 'I2']
const BUDGET = { states: 5_000_000, bytes: 2 ** 31 }

interface Combination extends Choices {
  readonly scenario: string
}

/** What a search found. */
interface Found {
  readonly states: number
  readonly transitions: number
  /** Rules that some run breaks. */
  readonly breaks: readonly string[]
  /** Steps of a shortest run to a state in which I1 or I2 is broken; null when there is none. */
  readonly harmIn: number | null
  readonly deadlock: boolean
}

const SCENARIOS = ['munmap-plain', 'munmap-forced-flush', 'munmap-page-table', 'overlapping-zaps'] as const
const TWO_DEVICES = ['two-devices-forced-flush', 'two-devices-page-table', 'two-devices-zap'] as const

/** What is compared. Everything small with everything; the large scenario, and single switches, where it tells something. */
function combinations(): Combination[] {
  const all: Combination[] = []
  const add = (
    scenario: string,
    kernel: KernelId,
    switches: SwitchValues = {},
    { driver = usualDriver(kernel), arch = 'x86' }: { driver?: DriverKind; arch?: Arch } = {},
  ): number => all.push({ scenario, kernel, driver, arch, switches })

  const own = [
    ['3.18', 'naive'],
    ['3.18', 'empty-table'],
    ['3.19', 'notifier'],
    ['4.15', 'notifier'],
    ['6.1', 'notifier'],
    ['6.6', 'notifier'],
  ] as const
  for (const scenario of SCENARIOS) {
    for (const [kernel, driver] of own) {
      add(scenario, kernel, {}, { driver })
      const large = scenario === 'overlapping-zaps' && kernel !== '3.18' && kernel !== '6.6'
      if (!large) add(scenario, kernel, { drainsWalks: false }, { driver })
    }
    for (const kernel of ['3.18', '4.15', '6.1', '6.6'] as const) add(scenario, kernel, {}, { arch: 'arm64' })
    add(scenario, '6.6', { configMmuNotifier: false })
    add(scenario, '6.6', {}, { driver: 'naive' })
    add(scenario, '6.6', {}, { driver: 'empty-table' })
  }
  for (const scenario of ['munmap-plain', 'munmap-page-table'])
    for (const kernel of ['3.19', '6.1', '6.6'] as const) add(scenario, kernel, { invalidateKind: 'leaf' })

  add('munmap-plain', '3.19', { endImpliesInvalidate: false }, { arch: 'arm64' })
  add('munmap-plain', '6.6', { mergeVmas: false })
  add('munmap-forced-flush', '3.19', { gatherFlushNotifies: false })
  add('munmap-forced-flush', '6.6', { gatherFlushNotifies: false, drainsWalks: false })
  add('munmap-page-table', '3.19', { tableFreeNotifies: false })
  add('munmap-page-table', '6.6', { tableFree: 'rcu' })
  add('munmap-page-table', '6.6', { batchFreeOrder: 'lifo', drainsWalks: false }, { arch: 'arm64' })
  const boolean = { emptyTableNesting: 'boolean' } as const
  add('overlapping-zaps', '3.18', boolean, { driver: 'empty-table' })
  add('overlapping-zaps', '3.18', { ...boolean, drainsWalks: false }, { driver: 'empty-table' })
  add('overlapping-zaps', '6.6', boolean, { driver: 'empty-table' })
  add('overlapping-zaps', '4.15', { nestedGatherForcesFlush: false })
  add('overlapping-zaps', '6.1', { endImpliesInvalidate: false })
  add('overlapping-zaps', '6.6', { nestedRangeEncoding: 'empty' })

  for (const [kernel, driver] of own) add('same-page', kernel, {}, { driver })
  for (const kernel of ['3.19', '6.6'] as const) add('same-page', kernel, {}, { arch: 'arm64' })
  add('same-page', '3.18', boolean, { driver: 'empty-table' })
  add('same-page', '3.19', { drainsWalks: false })
  add('same-page', '3.19', { endImpliesInvalidate: false })
  add('same-page', '6.1', { endImpliesInvalidate: false })
  add('same-page', '6.6', { nestedGatherForcesFlush: false })

  for (const scenario of TWO_DEVICES) {
    for (const [kernel, driver] of own) add(scenario, kernel, {}, { driver })
    for (const kernel of ['3.18', '3.19', '6.6'] as const) add(scenario, kernel, { drainsWalks: false })
    for (const kernel of ['3.19', '6.6'] as const) add(scenario, kernel, {}, { arch: 'arm64' })
    add(scenario, '3.18', { drainsWalks: false }, { driver: 'empty-table' })
    add(scenario, '6.6', { configMmuNotifier: false })
    add(scenario, '6.6', {}, { driver: 'empty-table' })
  }
  add('two-devices-zap', '6.6', { rangeArgument: 'exact' }, { arch: 'arm64' })
  for (const kernel of ['3.19', '6.6'] as const) add('two-devices-page-table', kernel, { invalidateKind: 'leaf' })
  add('two-devices-page-table', '6.6', { tableFree: 'rcu' })
  add('two-devices-page-table', '3.19', { tableFreeNotifies: false })
  add('two-devices-forced-flush', '3.19', { gatherFlushNotifies: false })

  for (const kernel of ['3.18', '6.6'] as const) add('kvm-zap', kernel)
  add('kvm-zap', '6.6', { pfnCacheRetryCounter: 'in_progress' })
  for (const kernel of ['6.1', '6.6'] as const) add('kvm-zap', kernel, {}, { arch: 'arm64' })
  add('kvm-zap', '6.6', { seqSampledAt: 'after', pfnCacheRetryCounter: 'in_progress' }, { arch: 'arm64' })

  for (const scenario of ['ats-unmap', 'ats-two-devices']) {
    for (const [kernel, driver] of own) add(scenario, kernel, {}, { driver })
    for (const kernel of ['3.19', '6.6'] as const) add(scenario, kernel, { invalidateOrder: 'atc-first' })
    for (const kernel of ['3.19', '6.6'] as const) add(scenario, kernel, { drainsWalks: false })
    for (const kernel of ['3.19', '6.6'] as const) add(scenario, kernel, {}, { arch: 'arm64' })
    add(scenario, '6.6', { invalidateKind: 'leaf' })
    add(scenario, '6.6', { invalidateOrder: 'atc-first' }, { driver: 'naive' })
  }
  return all
}

// ---- Ours ----

function explored({ scenario, kernel, driver, arch, switches }: Combination): Found {
  const given = scenarioById(scenario) ?? unshipped(scenario)
  const lab = buildLab(given, applySwitches(presetOf(kernel, arch, driver), { ...given.switches, ...switches }))
  const breaks = new Set<string>()
  const whole = finished(explore(systemOf(lab), [witness(lab, breaks)], BUDGET))
  const harm = finished(explore(systemOf(lab), propertiesOf(lab, HARM), BUDGET))
  return {
    states: whole.states,
    transitions: whole.transitions,
    breaks: RULES.map(rule => rule.id).filter(id => breaks.has(id)),
    harmIn: harm.kind === 'violated' ? harm.run.length : null,
    deadlock: whole.kind === 'deadlock',
  }
}

/** A scenario that is here only to be compared. */
const unshipped = (id: string): Scenario => JSON.parse(readFileSync(join(MODELS, `${id}.json`), 'utf8'))

/** Looks at every state and objects to none. */
const witness = ({ setup }: Lab, breaks: Set<string>) => ({
  id: 'witness',
  sentence: 'every state is looked at',
  expect: 'always' as const,
  holds: (state: Uint32Array) => {
    for (const rule of RULES) if (rule.violated(setup, state as Lab['initial'])) breaks.add(rule.id)
    return true
  },
})

function finished(search: ReturnType<typeof explore>): Verdict {
  const verdict = runToEnd(search)
  if (verdict.kind === 'out-of-budget') throw new Error(`more than ${verdict.states} states`)
  return verdict
}

// ---- SPIN's ----

/** Generates a verifier, compiles and runs it, without partial-order reduction. Answers with what it prints. */
function pan(folder: string, model: string, defines: readonly string[], compile: readonly string[]): string {
  const at = { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 } as const
  execFileSync('spin', ['-a', '-o1', '-o2', '-o3', ...defines, join(MODELS, `${model}.pml`)], at)
  execFileSync('gcc', ['-O0', '-w', '-DSAFETY', '-DNOREDUCE', '-DMEMLIM=2048', ...compile, '-o', 'pan', 'pan.c'], at)
  const { stdout } = spawnSync('./pan', ['-E', '-c1', '-m1000000'], at)
  const partly = /max search depth too small|out of memory|Search not completed/.exec(stdout)
  const stopped = /errors: [1-9]/.test(stdout)
  if (!/errors: \d/.test(stdout) || (partly !== null && !stopped)) throw new Error(`SPIN did not finish:\n${stdout}`)
  return stdout
}

const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN)

function spun(combination: Combination): Found {
  const folder = mkdtempSync(join(tmpdir(), 'verify-spin-'))
  const ask = (what: string, ...compile: string[]): string =>
    pan(folder, combination.scenario, [...macrosOf(combination), `-DASK_${what}`], compile)
  try {
    const whole = ask('DEADLOCK')
    const breaks = rulesReached(ask('RULES'), rulesOf(combination.scenario))
    return {
      states: numberIn(whole, /(\d+) states, stored/),
      // SPIN counts the step into the initial state.
      transitions: numberIn(whole, /(\d+) transitions/) - 1,
      breaks,
      // Breadth first, so that the run is a shortest one. SPIN's has one step more: that of the process which notices.
      harmIn: HARM.some(id => breaks.includes(id))
        ? numberIn(ask('HARM', '-DBFS'), /assertion violated.*\(at depth (\d+)\)/) - 1
        : null,
      deadlock: !/errors: 0/.test(whole),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Rules that a model prints, or what it includes. */
const rulesOf = (model: string): string[] =>
  [...wholeText(`${model}.pml`).matchAll(/printf\("(I\d+)"\)/g)].map(match => match[1] ?? '')

function wholeText(file: string): string {
  const text = readFileSync(join(MODELS, file), 'utf8')
  const included = [...text.matchAll(/^#include "(.+)"$/gm)].map(match => wholeText(match[1] ?? ''))
  return [text, ...included].join('\n')
}

/** Rules whose print was reached: SPIN lists those that were not. */
function rulesReached(output: string, printed: readonly string[]): string[] {
  const report = /unreached in proctype rules\n((?:\t.*\n)*)/.exec(output)?.[1]
  if (report === undefined) throw new Error('SPIN does not say what it has not reached')
  return RULES.map(rule => rule.id).filter(id => printed.includes(id) && !report.includes(`printf('${id}')`))
}

// ---- Side by side ----

interface Row extends Combination, Found {}

const switchText = (switches: SwitchValues): string =>
  Object.entries(switches)
    .map(([id, value]) => `${id}=${String(value)}`)
    .join(' ')

const lineOf = (c: Combination): string =>
  [c.scenario, c.kernel, c.driver, c.arch, switchText(c.switches)].filter(word => word !== '').join(' ')

const harmText = ({ harmIn }: Found): string => (harmIn === null ? 'holds' : `broken in ${harmIn} steps`)

const foundText = (f: Found): string =>
  `${f.states} states, ${f.transitions} transitions, ${harmText(f)}, breaks ${f.breaks.join(' ') || 'nothing'}${f.deadlock ? ', DEADLOCK' : ''}`

const same = (a: Found, b: Found): boolean => foundText(a) === foundText(b)

/** Of the models that are compared, as they are now: a table made by others says so. */
function modelHash(): string {
  const hash = createHash('sha256')
  const scenarios = new Set(combinations().map(({ scenario }) => scenario))
  for (const name of [...scenarios].sort()) hash.update(name).update(wholeText(`${name}.pml`))
  return hash.digest('hex').slice(0, 12)
}

function write(rows: readonly Row[], spin: string): void {
  const model = modelHash()
  writeFileSync(TABLE, JSON.stringify({ spin, model, rows }))
  execFileSync('npx', ['biome', 'format', '--write', TABLE], { stdio: 'ignore' })
  const head = '| scenario | kernel | driver | arch | switches | states | transitions | I1, I2 | breaks |'
  const lines = rows.map(
    r =>
      `| ${r.scenario} | ${r.kernel} | ${r.driver} | ${r.arch} | ${switchText(r.switches)} | ${r.states} | ${r.transitions} | ${harmText(r)} | ${r.breaks.join(' ')} |`,
  )
  const table = [
    `Made with SPIN ${spin}, models ${model}.`,
    '',
    head,
    '|---|---|---|---|---|---:|---:|---|---|',
    ...lines,
  ].join('\n')
  const readme = readFileSync(README, 'utf8')
  const from = readme.indexOf(BEGIN) + BEGIN.length
  writeFileSync(README, `${readme.slice(0, from)}\n\n${table}\n\n${readme.slice(readme.indexOf(END))}`)
}

function main(args: readonly string[]): number {
  const words = args.filter(a => a.startsWith('--only=')).map(a => a.slice('--only='.length))
  if (args.some(a => a !== '--write' && !a.startsWith('--only='))) {
    console.error(HELP)
    return 2
  }
  const tools = spinAndGcc()
  if (!tools.ok) {
    for (const problem of tools.problems) console.error(problemLine(problem))
    return 2
  }
  const { spin } = tools.value
  const chosen = combinations().filter(c => words.every(word => lineOf(c).includes(word)))
  const rows: Row[] = []
  let different = 0
  for (const combination of chosen) {
    const ours = explored(combination)
    const theirs = spun(combination)
    const good = same(ours, theirs) && !ours.deadlock
    if (!good) different++
    console.log(`${good ? '=' : '≠'} ${lineOf(combination)}: ${foundText(ours)}`)
    if (!good) console.log(`  SPIN: ${foundText(theirs)}`)
    rows.push({ ...combination, ...ours })
  }
  console.log(`${rows.length - different} of ${rows.length} combinations equal, SPIN ${spin}, models ${modelHash()}`)
  if (args.includes('--write')) {
    if (different > 0 || words.length > 0) {
      console.error('Not written: only a whole table without differences is.')
      return 1
    }
    write(rows, spin)
  }
  return different > 0 ? 1 : 0
}

process.exitCode = main(process.argv.slice(2))
