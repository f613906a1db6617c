import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { RunLink } from '../src/worker/lab-api.ts'
import { exploreHash } from './links.ts'
import { type Searched, searchInNode } from './node-worker.ts'
import { type Production, startChromium, startProduction } from './production.ts'
import { machine, median } from './samples.ts'
import { printWaits, waitsIn } from './waits.ts'

const HELP = `The page's explore worker in Chromium, against the same file in a thread of Node: one search, every state.

  npm run --silent bench:browser -- [--runs=N] [--json]
  npm run --silent bench:browser -- --waits [--clicks=N] [--json]

The build is made anew. Each search has a worker of its own, in turn in the browser and in Node, N times each (5). Wall: from the
question to the answer, with messages and, in the browser, with drawing. States a second: by the worker's own clock.

--waits measures what a reader waits for instead, N times each (20): click to playable run, click to answer, Cancel, reports.

Exit status: 0 measured, 1 they do not agree, 2 there is no browser, or the arguments make no sense.`

const SCENARIO = fileURLToPath(new URL('browser.json', import.meta.url))
const LINK: RunLink = {
  scenario: 'two-writers',
  custom: readFileSync(SCENARIO, 'utf8'),
  kernel: '6.6',
  driver: 'notifier',
  arch: 'x86',
}

async function searchInBrowser(production: Production): Promise<Searched> {
  const page = await production.open(exploreHash(LINK))
  try {
    // The matrix makes room by itself where cores are few. Here it must not run at all: Node has none.
    await page.locator('[data-matrix]').getByRole('button', { name: 'Pause' }).click()
    const said: Searched = await page.evaluate('bench.search()')
    return { ...said, verdict: /^Holds in all/.test(said.verdict) ? 'holds' : said.verdict }
  } finally {
    await page.close()
  }
}

interface Samples {
  readonly browser: Searched[]
  readonly node: Searched[]
}

async function takeSamples(production: Production, runs: number): Promise<Samples> {
  const samples: Samples = { browser: [], node: [] }
  const takes = {
    browser: () => searchInBrowser(production),
    node: () => searchInNode(production.exploreWorker, LINK),
  }
  for (let run = 1; run <= runs; run++) {
    // Who begins changes: a machine that grows busier in between would favour whoever always does.
    for (const who of run % 2 === 1 ? (['browser', 'node'] as const) : (['node', 'browser'] as const)) {
      const sample = await takes[who]()
      samples[who].push(sample)
      console.error(`${run} of ${runs}, ${who}: ${lineOf(sample)}`)
    }
  }
  return samples
}

const speedOf = ({ states, seconds }: Searched): number => states / seconds
const lineOf = (s: Searched): string =>
  `${s.verdict}, ${s.states} states, wall ${s.wall.toFixed(2)} s, searching ${s.seconds.toFixed(2)} s`

const mediansOf = (samples: readonly Searched[]) => ({
  wall: median(samples.map(s => s.wall)),
  statesPerSecond: median(samples.map(speedOf)),
})

/** Figures of searches that did not do the same would say nothing. */
function agreed({ browser, node }: Samples): boolean {
  const all = [...browser, ...node]
  return all.every(s => s.verdict === 'holds' && s.states === all[0]?.states)
}

async function compare(production: Production, runs: number, json: boolean): Promise<number> {
  const before = machine()
  const samples = await takeSamples(production, runs)
  if (!agreed(samples)) {
    console.error('They do not agree: see above.')
    return 1
  }
  const medians = { browser: mediansOf(samples.browser), node: mediansOf(samples.node) }
  const ratios = {
    wall: medians.browser.wall / medians.node.wall,
    statesPerSecond: medians.browser.statesPerSecond / medians.node.statesPerSecond,
  }
  const { custom, ...choices } = LINK
  const versions = versionsOf(production)
  const load = [before.load, machine().load]
  if (json) {
    const details = { choices, runs, versions, machine: { ...before, load }, medians, samples }
    console.log(JSON.stringify({ ratios, ...details }, null, 2))
    return 0
  }
  console.log(`${choices.scenario}, kernel ${choices.kernel}: ${samples.node[0]?.states} states. Median of ${runs}.`)
  for (const who of ['browser', 'node'] as const) {
    const { wall, statesPerSecond } = medians[who]
    console.log(
      `${who.padEnd(8)} wall ${wall.toFixed(2)} s   ${Math.round(statesPerSecond).toLocaleString('en')} states/s`,
    )
  }
  console.log(`browser : Node   wall ${ratios.wall.toFixed(2)}   states/s ${ratios.statesPerSecond.toFixed(2)}`)
  console.log(circumstances(versions, load))
  return 0
}

const versionsOf = ({ browser }: Production) => ({
  chromium: browser.version(),
  node: process.version,
  v8: process.versions.v8,
})

const circumstances = ({ chromium, node, v8 }: ReturnType<typeof versionsOf>, load: readonly number[]): string =>
  `Chromium ${chromium}, Node ${node} (V8 ${v8}), load ${load.join(' to ')}`

function options() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '5' },
        clicks: { type: 'string', default: '20' },
        waits: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    const counts = { runs: Number(values.runs), clicks: Number(values.clicks) }
    if (Object.values(counts).some(n => !Number.isInteger(n) || n < 1)) return null
    return { ...values, ...counts }
  } catch {
    return null
  }
}

async function main(): Promise<number> {
  const asked = options()
  if (asked === null) {
    console.error(HELP)
    return 2
  }
  const browser = await startChromium()
  if (browser === null) {
    console.error(
      'There is no Chromium that starts: run `npx playwright install chromium`, or set CHROMIUM_PATH to one.',
    )
    return 2
  }
  const production = await startProduction(browser)
  try {
    if (!asked.waits) return await compare(production, asked.runs, asked.json)
    const before = machine()
    const waits = await waitsIn(production, asked.clicks)
    const load = [before.load, machine().load]
    const versions = versionsOf(production)
    if (asked.json) console.log(JSON.stringify({ waits, versions, machine: { ...before, load } }, null, 2))
    else {
      printWaits(waits)
      console.log(circumstances(versions, load))
    }
    return 0
  } finally {
    await production.end()
  }
}

process.exitCode = await main()
