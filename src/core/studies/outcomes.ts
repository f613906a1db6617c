import { known } from '../base/assert.ts'
import { edgesTo, type Graph } from '../explorer/graph.ts'
import { get, type Machine } from '../machine/cells.ts'
import { STOPPED } from '../machine/shape.ts'
import type { Lab } from '../scenarios/build.ts'
import { DAMAGE_RULES } from '../scenarios/exploration.ts'
import { RULES } from '../scenarios/rules.ts'
import type { Flow, Weighing } from './flow.ts'

import type { Study, StudyLimits, Subject, TooLarge } from './study.ts'
import { flowReported, graphReported, labFor, scheduleOf } from './whole-graph.ts'
import { type Fate, fatesIn, watched } from './witness.ts'

/** All runs, sorted by how they end. */
export interface Outcomes {
  readonly kind: 'outcomes'
  /** States that were looked at: of the machine, with what became of each access so far. */
  readonly states: number
  /** States of the machine in which nobody moves any more. */
  readonly finalStates: number
  readonly weighing: Weighing
  /** Base-2 logarithm of the number of runs; null where they cannot be counted. */
  readonly runsLog2: number | null
  /** Harm first, then other broken rules; of equal harm, the frequent ones first. */
  readonly outcomes: readonly Outcome[]
}

/** Runs that come to the same. */
export interface Outcome {
  readonly harm: 'harm' | 'rule-broken' | 'none'
  /** `never`: a circle that no run leaves. `stuck`: somebody is not done, and nobody can move. */
  readonly ending: 'finished' | 'stuck' | 'never'
  /** Everybody that accessed something or was asked to: devices, and CPUs that did harm. */
  readonly accessors: readonly Accessor[]
  /** Rules that are broken at the end. */
  readonly rules: readonly { readonly id: string; readonly sentence: string }[]
  /** Who is not done, and why. */
  readonly waiting: readonly string[]
  /** Final states of the machine in which runs of this kind end; 0 for a circle. */
  readonly finalStates: number
  /** Of all runs: share, or chance; 0 to 1. */
  readonly share: number
  /** A shortest run that ends so, as text (runs/schedule.ts), and its length. */
  readonly schedule: string
  readonly steps: number
}

interface Accessor {
  readonly name: string
  readonly fates: readonly Fate[]
  /** Its last access was refused, and it stopped. */
  readonly refused: boolean
}

/** How runs can end, and how many end so. */
export function* outcomesOf(subject: Subject, limits: StudyLimits): Study<Outcomes | TooLarge> {
  const lab = labFor(subject)
  const graph = yield* graphReported(watched(lab), limits)
  if (graph === undefined) return { kind: 'too-large', limits }
  const flow = yield* flowReported(graph)
  const kinds = new Map<string, Kind>()
  const finals = new Set<string>()
  const state = new Uint32Array(graph.system.words)
  const words = lab.setup.shape.words
  for (const end of endsOf(graph, flow)) {
    graph.load(end.state, state)
    if (end.final) finals.add(String(state.subarray(0, words)))
    const facts = factsOf(lab, state, end.final)
    const key = JSON.stringify(facts)
    const kind = kinds.get(key) ?? { facts, finalStates: 0, share: 0, nearest: end.state }
    kind.finalStates += end.final ? 1 : 0
    kind.share += end.share
    // States are numbered nearest first.
    kind.nearest = Math.min(kind.nearest, end.state)
    kinds.set(key, kind)
  }
  const outcomes = [...kinds.values()].map(({ facts, finalStates, share, nearest }) => ({
    ...facts,
    finalStates,
    share,
    schedule: scheduleOf(graph, edgesTo(graph, nearest)),
    steps: graph.depth[nearest] as number,
  }))
  outcomes.sort((a, b) => ORDER.indexOf(a.harm) - ORDER.indexOf(b.harm) || b.share - a.share)
  return {
    kind: 'outcomes',
    states: graph.states,
    finalStates: finals.size,
    weighing: flow.weighing,
    runsLog2: flow.runsLog2,
    outcomes,
  }
}

type Facts = Pick<Outcome, 'harm' | 'ending' | 'accessors' | 'rules' | 'waiting'>
interface Kind {
  readonly facts: Facts
  finalStates: number
  share: number
  nearest: number
}

const ORDER: readonly Outcome['harm'][] = ['harm', 'rule-broken', 'none']

/** Where runs end: in states without a move, and in circles that are never left, each of them taken for its nearest state. */
function* endsOf({ states, firstEdge }: Graph, { visits, circles }: Flow) {
  for (let s = 0; s < states; s++) {
    if (firstEdge[s] === firstEdge[s + 1]) yield { state: s, final: true, share: visits[s] as number }
  }
  for (const circle of circles) {
    const share = circle.reduce((sum, s) => sum + (visits[s] as number), 0)
    yield { state: circle.reduce((least, s) => Math.min(least, s)), final: false, share }
  }
}

function factsOf(lab: Lab, state: Uint32Array, final: boolean): Facts {
  const { setup } = lab
  const m = state as Machine
  const rules = RULES.filter(rule => rule.violated(setup, m)).map(({ id, sentence }) => ({ id, sentence }))
  const waiting = lab.actors.filter(a => !a.finished(m)).map(a => (final ? `${a.name}: ${a.blocked(m)}` : a.name))
  const { cpus, devices } = fatesIn(lab, state)
  const stopped = (device: number): boolean =>
    get(m, known(setup.shape.devices[device], 'a device').stage, 0) === STOPPED
  return {
    harm: rules.some(r => DAMAGE_RULES.includes(r.id)) ? 'harm' : rules.length > 0 ? 'rule-broken' : 'none',
    ending: !final ? 'never' : waiting.length > 0 ? 'stuck' : 'finished',
    accessors: [
      ...devices.map((fates, i) => ({ name: setup.devices[i]?.name ?? '', fates, refused: stopped(i) })),
      ...cpus.flatMap((fates, i) =>
        fates.length === 0 ? [] : [{ name: setup.cpus[i]?.name ?? '', fates, refused: false }],
      ),
    ],
    rules,
    waiting,
  }
}
