import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { type Choices, spinAndGcc } from '../scripts/promela.ts'
import { problemLine } from '../src/core/base/problem.ts'
import { checkScenario } from '../src/core/scenarios/check.ts'
import { rulerIn, type Sample } from './measured.ts'
import { panFor } from './pan.ts'
import {
  type ByContestant,
  byContestant,
  HOWS,
  type How,
  lineOf,
  medianOf,
  print,
  ratiosOf,
  WHOS,
  type Who,
} from './report.ts'

const HELP = `Our explorer against SPIN's pan, on one scenario that both have: the full verdict (I1, I2, nobody stuck).

  npm run --silent bench:explore -- [--model=NAME] [--runs=N] [--json]

Each runs with every state visited, and with its own reductions; in turn, each time in a process of its own, N times each (5).
Seconds: ours from the built lab to the verdict, pan's from start to end of the process. Memory: the peak of the process.

Models: two-devices-plain, 30.0 million states; two-devices, 5.7 million; ats-devices, 26.4 million; kvm-guests, 71.2 million.

Exit status: 0 measured, 1 they do not agree, 2 spin or gcc is missing, or the arguments make no sense.`

/** What is searched: a scenario here, its twin in verify/spin, and a kernel. The first unless told otherwise. */
interface Model {
  readonly name: string
  readonly choices: Choices
}

const MODELS: readonly [Model, ...Model[]] = [
  { name: 'two-devices-plain', choices: { kernel: '6.1', driver: 'notifier', arch: 'x86', switches: {} } },
  { name: 'two-devices', choices: { kernel: '6.6', driver: 'notifier', arch: 'x86', switches: {} } },
  { name: 'ats-devices', choices: { kernel: '6.6', driver: 'notifier', arch: 'x86', switches: {} } },
  { name: 'kvm-guests', choices: { kernel: '6.6', driver: 'notifier', arch: 'x86', switches: {} } },
]

const scenarioOf = ({ name }: Model): string => fileURLToPath(new URL(`${name}.json`, import.meta.url))

/** Bundles ours.ts, so that its process holds nothing but itself. */
async function oursIn(folder: string): Promise<string> {
  const entry = fileURLToPath(new URL('ours.ts', import.meta.url))
  const output = { entryFileNames: 'ours.mjs' }
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: { ssr: entry, outDir: folder, emptyOutDir: false, rolldownOptions: { output } },
  })
  return join(folder, 'ours.mjs')
}

/** All samples, taken in turn. */
async function samplesIn(folder: string, model: Model, runs: number): Promise<ByContestant<Sample[]>> {
  const measure = rulerIn(folder)
  const ours = await oursIn(folder)
  const pans = {
    every: panFor(folder, model.name, model.choices, false, measure),
    reduce: panFor(folder, model.name, model.choices, true, measure),
  }
  const take = (how: How, who: Who): Sample =>
    who === 'pan'
      ? pans[how]()
      : JSON.parse(measure(process.execPath, [ours, scenarioOf(model), JSON.stringify(model.choices), how]).stdout)
  const samples = byContestant((): Sample[] => [])
  for (let run = 1; run <= runs; run++) {
    for (const how of HOWS) {
      for (const who of WHOS) {
        const sample = take(how, who)
        samples[how][who].push(sample)
        console.error(`${run} of ${runs}, ${how}, ${who}: ${lineOf(sample)}`)
      }
    }
  }
  return samples
}

/** Figures of searches that did not do the same work would say nothing: says so. */
function agreed(samples: ByContestant<Sample[]>): boolean {
  const all = HOWS.flatMap(how => WHOS.flatMap(who => samples[how][who].map(sample => ({ how, who, ...sample }))))
  const wrong = all.filter(({ verdict }) => verdict !== 'holds')
  const counts = new Set(
    all.filter(({ how }) => how === 'every').map(s => `${s.states} ${s.transitions.toPrecision(8)}`),
  )
  if (wrong.length === 0 && counts.size === 1) return true
  console.error(
    wrong.length > 0 ? 'Not everybody says that it holds:' : 'Both visit every state, and count differently:',
  )
  for (const sample of wrong.length > 0 ? wrong : all.filter(({ how }) => how === 'every')) {
    console.error(`  ${sample.how}, ${sample.who}: ${lineOf(sample)}`)
  }
  return false
}

async function main(args: readonly string[]): Promise<number> {
  const runs = Number(args.find(a => a.startsWith('--runs='))?.slice('--runs='.length) ?? 5)
  const wanted = args.find(a => a.startsWith('--model='))?.slice('--model='.length) ?? MODELS[0].name
  const model = MODELS.find(m => m.name === wanted)
  const known = args.every(a => a === '--json' || a.startsWith('--runs=') || a.startsWith('--model='))
  if (!known || model === undefined || !Number.isInteger(runs) || runs < 1) {
    console.error(HELP)
    return 2
  }
  const tools = spinAndGcc()
  const problems = tools.ok ? checkScenario(JSON.parse(readFileSync(scenarioOf(model), 'utf8'))) : tools.problems
  if (!tools.ok || problems.length > 0) {
    for (const problem of problems) console.error(problemLine(problem))
    return 2
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-explore-'))
  const load = [loadavg()[0]]
  try {
    const samples = await samplesIn(folder, model, runs)
    if (!agreed(samples)) return 1
    load.push(loadavg()[0])
    const medians = byContestant((how, who) => medianOf(samples[how][who]))
    if (args.includes('--json')) {
      const versions = { node: process.version, ...tools.value }
      const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, memory: totalmem(), kernel: release(), load }
      const details = { scenario: model.name, choices: model.choices, runs, versions, machine, medians, samples }
      console.log(JSON.stringify({ ratios: ratiosOf(medians), ...details }, null, 2))
    } else {
      print(
        `${model.name}, kernel ${model.choices.kernel}, ${model.choices.driver}, ${model.choices.arch}: holds. Median of ${runs}.`,
        medians,
      )
    }
    return 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

process.exitCode = await main(process.argv.slice(2))
