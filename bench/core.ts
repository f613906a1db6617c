/**
 * How fast the simulation runs in Node: operations a second, without events, on a random but seeded walk over the moves that
 * can be made; asking every actor whether it is ready is part of each. Three ways to keep the state:
 *   in place     one machine, set back to the initial state whenever nobody can move
 *   copied       each step copies the packed state first, as a search or a run with a history does
 *   cloned       the peer: each step clones the same state as plain objects, one array a column, with structuredClone
 * Run: npx tsx bench/core.ts [--json]
 */
import { known } from '../src/core/base/assert.ts'
import { type Column, copyOf, get, type Machine } from '../src/core/machine/cells.ts'
import { presetOf } from '../src/core/policy/presets.ts'
import { applySwitches } from '../src/core/policy/switches.ts'
import { buildLab, type Lab } from '../src/core/scenarios/build.ts'
import { scenarioById } from '../src/core/scenarios/scenario-list.ts'

const SCENARIOS = ['munmap-plain', 'munmap-forced-flush']
const SAMPLES = 7
const OPS = { 'in place': 400_000, copied: 400_000, cloned: 20_000 } as const
type Way = keyof typeof OPS

/** xorshift32: the same walk every time. */
function randomFrom(seed: number): (below: number) => number {
  let x = seed
  return below => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}

/** Makes `ops` moves and returns how many runs were brought to their end on the way: proof that the walk went somewhere. */
function walk(lab: Lab, ops: number, keep: (m: Machine) => Machine): number {
  const { actors, initial } = lab
  const random = randomFrom(2_463_534_242)
  const ways = new Uint8Array(actors.length)
  let m = copyOf(initial)
  let runs = 0
  for (let done = 0; done < ops; ) {
    let ready = 0
    for (let i = 0; i < ways.length; i++) {
      ways[i] = known(actors[i], 'actor').ready(m)
      ready += ways[i] ?? 0
    }
    if (ready === 0) {
      m.set(initial)
      runs++
      continue
    }
    let pick = random(ready)
    let who = 0
    while (pick >= (ways[who] ?? 0)) pick -= ways[who++] ?? 0
    m = keep(m)
    known(actors[who], 'actor').step(m, pick)
    done++
  }
  return runs
}

/** The state as one would first write it down. */
function plainOf(lab: Lab, m: Machine): Record<string, number[]> {
  const columns: Column[] = []
  const find = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
    if ('word' in value && 'shift' in value) columns.push(value as Column)
    else for (const inner of Object.values(value)) find(inner)
  }
  find(lab.setup.shape)
  return Object.fromEntries(columns.map(c => [c.name, Array.from({ length: c.length }, (_, i) => get(m, c, i))]))
}

function opsPerSecond(lab: Lab, way: Way): number {
  const plain = plainOf(lab, lab.initial)
  let kept: unknown = plain
  const keeps: Record<Way, (m: Machine) => Machine> = {
    'in place': m => m,
    copied: copyOf,
    // What it clones is always the initial state: of the same size as any other. The operation runs on the packed words.
    cloned: m => {
      kept = structuredClone(plain)
      return m
    },
  }
  const ops = OPS[way]
  walk(lab, ops / 4, keeps[way])
  const speeds = Array.from({ length: SAMPLES }, () => {
    const before = performance.now()
    const runs = walk(lab, ops, keeps[way])
    const seconds = (performance.now() - before) / 1000
    if (runs === 0 || kept === undefined) throw new Error('the walk went nowhere')
    return ops / seconds
  })
  return speeds.sort((a, b) => a - b)[SAMPLES >> 1] ?? 0
}

const rows = SCENARIOS.map(id => {
  const scenario = known(scenarioById(id), id)
  const lab = buildLab(scenario, applySwitches(presetOf('6.6', 'x86', 'notifier'), scenario.switches))
  const speed = (way: Way): number => Math.round(opsPerSecond(lab, way))
  const speeds = { 'in place': speed('in place'), copied: speed('copied'), cloned: speed('cloned') }
  return { scenario: id, bytes: lab.initial.byteLength, actors: lab.actors.length, opsPerSecond: speeds }
})

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ node: process.version, samples: SAMPLES, rows }, null, 2))
} else {
  const figure = (n: number): string => n.toLocaleString('en').padStart(12)
  for (const { scenario, bytes, actors, opsPerSecond: speeds } of rows) {
    console.log(`${scenario} (${bytes} bytes a state, ${actors} actors), operations a second, median of ${SAMPLES}`)
    for (const way of Object.keys(OPS) as Way[]) {
      const ratio = (speeds[way] / speeds.cloned).toFixed(1)
      console.log(`  ${way.padEnd(10)}${figure(speeds[way])}${ratio.padStart(8)}x`)
    }
  }
}
