import { known } from '../base/assert.ts'
import { edgesTo, type Graph } from '../explorer/graph.ts'
import { get, type Machine } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import { namesOf, stepView } from '../runs/step-view.ts'
import type { Lab } from '../scenarios/build.ts'
import type { PhaseView } from '../threads/phase.ts'
import type { Flow, Weighing } from './flow.ts'
import type { Study, StudyLimits, Subject, TooLarge } from './study.ts'
import { type Gaps, gapsOf, unmappingCpus } from './unmap-gaps.ts'
import { flowReported, scheduleOf, wholeGraph } from './whole-graph.ts'
import { fateOf, isHarm } from './witness.ts'

/** Where between the operations of an unmap a device does damage. */
export interface Danger {
  readonly kind: 'danger'
  readonly weighing: Weighing
  /** One for each CPU that unmaps something. */
  readonly strips: readonly DangerStrip[]
}

export interface DangerStrip {
  readonly cpu: string
  /** Phases of its program, in this kernel's order; those without an operation are callbacks that it does not make. */
  readonly phases: readonly PhaseView[]
  /** In the order in which the CPU comes through them. */
  readonly gaps: readonly DangerGap[]
}

/** Between an operation and the next one. */
export interface DangerGap {
  /** The operation that was made last; null before the first unmap. */
  readonly after: UnmapOp | null
  /** Pages are unmapped, or tables unlinked, by this CPU and not handed on to be freed. */
  readonly amber: boolean
  /** Accesses of devices to memory. */
  readonly accesses: Tally
  /** Reads of page tables by the IOMMU. */
  readonly walks: Tally
}

export interface UnmapOp {
  /** `clear buf[0]` */
  readonly mark: string
  /** `ptep_get_and_clear_full` */
  readonly fn: string
  readonly sentence: string
  /** Index into the phases of the strip. */
  readonly phase: number | null
}

export interface Tally {
  /** Of all of them in all runs, the share that falls into this gap; 0 when none can. */
  readonly share: number
  /** Of those in this gap, the share that is damage; null when there are none. */
  readonly harm: number | null
  /** A shortest run with damage in this gap: as text (runs/schedule.ts), and its length. */
  readonly run: { readonly schedule: string; readonly steps: number } | null
}

/**
 * Of all device accesses, and of all reads of the IOMMU's walks, that fall between two operations of an unmap, the share that is
 * damage. Each is weighed with the runs in which it happens (flow.ts).
 */
export function* dangerOf(subject: Subject, limits: StudyLimits): Study<Danger | TooLarge> {
  const whole = yield* wholeGraph(subject, limits)
  if (whole === undefined) return { kind: 'too-large', limits }
  const { lab, graph } = whole
  const flow = yield* flowReported(graph)
  const cpus: { cpu: number; gaps: Gaps; counts: Counts }[] = []
  for (const cpu of unmappingCpus(lab)) {
    const steps = gapsOf(lab, graph, cpu)
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) {
      yield { doing: 'Sorting states by the gap they lie in', states: graph.states, done: step.value, of: graph.states }
    }
    cpus.push({ cpu, gaps: step.value, counts: countsFor(step.value.entries.length) })
  }
  yield* tally(lab, graph, flow, cpus)
  return { kind: 'danger', weighing: flow.weighing, strips: cpus.map(c => stripOf(lab, graph, c)) }
}

/** By gap. */
interface Count {
  readonly weight: Float64Array
  readonly harm: Float64Array
  /** Of the damage, the move that takes the fewest steps to get to; -1 when there is none. */
  readonly nearest: Int32Array
}
interface Counts {
  readonly amber: Uint8Array
  readonly accesses: Count
  readonly walks: Count
}
interface CpuGaps {
  readonly cpu: number
  readonly gaps: Gaps
  readonly counts: Counts
}

const countFor = (gaps: number): Count => ({
  weight: new Float64Array(gaps),
  harm: new Float64Array(gaps),
  nearest: new Int32Array(gaps).fill(-1),
})
const countsFor = (gaps: number): Counts => ({
  amber: new Uint8Array(gaps),
  accesses: countFor(gaps),
  walks: countFor(gaps),
})

const SLICE = 1024

/** Makes every move of a device once more, listens, and adds it to the gaps in which the CPUs stand. */
function* tally(lab: Lab, graph: Graph, flow: Flow, cpus: readonly CpuGaps[]): Study<void> {
  const { setup, actors } = lab
  const m = new Uint32Array(graph.system.words) as Machine
  const after = new Uint32Array(graph.system.words) as Machine
  const columns = cpus.map(c => known(setup.shape.cpus[c.cpu], 'CPU').gatherCount)
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield { doing: 'Weighing accesses', states: graph.states, done: s, of: graph.states }
    graph.load(s, m)
    for (const [i, { gaps, counts }] of cpus.entries()) {
      if (get(m, known(columns[i], 'column'), 0) > 0) counts.amber[gaps.of[s] as number] = 1
    }
    for (let e = graph.firstEdge[s] as number; e < (graph.firstEdge[s + 1] as number); e++) {
      const actor = known(actors[graph.actor[e] as number], 'actor')
      if (actor.kind !== 'device') continue
      after.set(m)
      const events: SimEvent[] = []
      actor.step(after, graph.way[e] as number, event => events.push(event))
      const what = events.some(event => event.type === 'device-accessed')
        ? 'accesses'
        : events.some(event => event.type === 'walk-read')
          ? 'walks'
          : null
      if (what === null) continue
      const fate = fateOf(setup, after, events)
      const weight = (flow.visits[s] as number) * (flow.chance[e] as number)
      for (const { gaps, counts } of cpus)
        add(counts[what], gaps.of[s] as number, e, weight, fate !== null && isHarm(fate))
    }
  }
}

function add({ weight, harm, nearest }: Count, gap: number, edge: number, more: number, damage: boolean): void {
  weight[gap] = (weight[gap] as number) + more
  if (!damage) return
  harm[gap] = (harm[gap] as number) + more
  // Moves are numbered nearest first, as the states are that they leave.
  if (nearest[gap] === -1) nearest[gap] = edge
}

function stripOf(lab: Lab, graph: Graph, { cpu, gaps, counts }: CpuGaps): DangerStrip {
  const from = sourceOf(graph)
  return {
    cpu: lab.setup.cpus[cpu]?.name ?? '',
    phases: known(lab.programs[cpu], 'program').phases,
    gaps: gaps.entries.map((edge, gap) => ({
      after: edge === -1 ? null : opAt(lab, graph, cpu, from(edge)),
      amber: counts.amber[gap] === 1,
      accesses: tallyOf(graph, from, counts.accesses, gap),
      walks: tallyOf(graph, from, counts.walks, gap),
    })),
  }
}

function tallyOf(graph: Graph, from: (edge: number) => number, { weight, harm, nearest }: Count, gap: number): Tally {
  const all = weight.reduce((sum, w) => sum + w, 0)
  const here = weight[gap] as number
  const edge = nearest[gap] as number
  const run = edge === -1 ? null : [...edgesTo(graph, from(edge)), edge]
  return {
    share: here === 0 ? 0 : here / all,
    harm: here === 0 ? null : (harm[gap] as number) / here,
    run: run === null ? null : { schedule: scheduleOf(graph, run), steps: run.length },
  }
}

/** Finds the state that a move leaves. */
const sourceOf =
  ({ firstEdge }: Graph) =>
  (edge: number): number => {
    let low = 0
    let high = firstEdge.length - 1
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((firstEdge[middle] as number) <= edge) low = middle
      else high = middle
    }
    return low
  }

/** What the CPU does next in a state, as the timeline names it. */
function opAt(lab: Lab, graph: Graph, cpu: number, state: number): UnmapOp {
  const actor = known(lab.actors[cpu], 'CPU')
  const m = new Uint32Array(graph.system.words) as Machine
  graph.load(state, m)
  const op = actor.op(m, 0)
  const events: SimEvent[] = []
  actor.step(m, 0, event => events.push(event))
  const step = stepView(lab, namesOf(lab), 0, { actor: cpu, alternative: 0 }, actor, op, events, m)
  return { mark: step.mark, fn: step.op, sentence: step.sentence, phase: op.phase }
}
