import { known } from '../../base/assert.ts'
import type { Graph } from '../../explorer/graph.ts'
import { search } from '../../explorer/search.ts'
import { get, type Machine } from '../../machine/cells.ts'
import { encodeSchedule } from '../../runs/schedule.ts'
import type { Lab } from '../../scenarios/build.ts'
import { propertiesOf, systemOf } from '../../scenarios/exploration.ts'
import type { PhaseView } from '../../threads/phase.ts'
import type { Study, StudyLimits, Subject, TooLarge } from '../study.ts'
import { unmappingCpus } from '../unmap-gaps.ts'
import { wholeGraph } from '../whole-graph.ts'
import { type Followed, iommuReaches, type Life, lifeOf } from './frames.ts'
import { quietRun, type Visit } from './quiet-run.ts'

/** One frame on its way to be freed, phase by phase, and what all runs do to it meanwhile. */
export interface Gap {
  readonly kind: 'gap'
  readonly what: 'page' | 'table'
  /** `buf[0]` */
  readonly page: string
  readonly pfn: number
  /** From start() to the phase in which the last of it is over, and the one after that. */
  readonly stages: readonly GapStage[]
  readonly verdict: GapVerdict
}

export interface GapStage {
  readonly phase: PhaseView
  /** A start/end pair is open during some of it. */
  readonly pair: boolean
  /** The IOMMU’s driver queues an invalidation here that covers the page. */
  readonly told: boolean
  /** What becomes of the frame here, in order. A phase that takes no time has what lies before it. */
  readonly lives: readonly {
    readonly life: Life
    /** In some run the IOMMU can get at the frame here. */
    readonly reached: boolean
  }[]
}

/** How the search of every interleaving ends: for any access to a freed frame, or walk of a freed page table. */
export interface GapVerdict {
  readonly kind: 'closed' | 'open' | 'undecided'
  readonly states: number
  /** The rule that a shortest run breaks, and that run. */
  readonly rule: string | null
  readonly run: { readonly schedule: string; readonly steps: number } | null
}

/** Follows the first page that a scenario unmaps, or its page table, through all runs of a kernel. */
export function* gapOf(subject: Subject, what: Gap['what'], limits: StudyLimits): Study<Gap | TooLarge> {
  const whole = yield* wholeGraph(subject, limits)
  if (whole === undefined) return { kind: 'too-large', limits }
  const { lab, graph } = whole
  const cpu = known(unmappingCpus(lab)[0], 'a CPU that unmaps')
  const { followed, page, visits } = quietRun(lab, cpu, what)
  const reached = yield* reachedIn(lab, graph, cpu, followed)
  return {
    kind: 'gap',
    what,
    page: lab.setup.labels[page] ?? '',
    pfn: followed.pfn,
    stages: stagesOf(known(lab.programs[cpu], 'program').phases, visits, reached),
    verdict: yield* verdictOf(lab, limits),
  }
}

type Reached = (phase: number, life: Life) => boolean

/** By phase of the CPU’s next operation, and by what has become of the frame: whether the IOMMU can get at it in any state. */
function* reachedIn(lab: Lab, graph: Graph, cpu: number, followed: Followed): Study<Reached> {
  const { ops } = known(lab.programs[cpu], 'program')
  const { pc } = known(lab.setup.shape.cpus[cpu], 'CPU')
  const seen = new Set<string>()
  const m = new Uint32Array(graph.system.words) as Machine
  for (let s = 0; s < graph.states; s++) {
    if (s % 1024 === 0) yield { doing: 'Looking at every state', states: graph.states, done: s, of: graph.states }
    graph.load(s, m)
    if (iommuReaches(lab, m, followed)) seen.add(`${ops[get(m, pc, 0)]?.phase} ${lifeOf(lab, m, followed)}`)
  }
  return (phase, life) => seen.has(`${phase} ${life}`)
}

/** All phases that bear on the frame, those that take no time among them. */
function stagesOf(phases: readonly PhaseView[], visits: readonly Visit[], reached: Reached): GapStage[] {
  const by = new Map(visits.map(v => [v.phase, v]))
  const first = known(
    visits.find(v => v.pair),
    'a pair',
  ).phase
  const changes = visits.filter((v, i) => v.pair || v.lives.length > 1 || v.lives[0] !== visits[i - 1]?.lives.at(-1))
  const last = known(changes.at(-1), 'a change').phase
  const after = visits.find(v => v.phase > last)?.phase ?? last
  const stages: GapStage[] = []
  for (let phase = first; phase <= after; phase++) {
    const visit = by.get(phase)
    const before = stages.at(-1)
    if (visit === undefined && phase > last) continue
    stages.push({
      phase: known(phases[phase], 'phase'),
      pair: visit === undefined ? (before?.pair ?? false) : visit.pair,
      told: visit?.told ?? false,
      lives:
        visit === undefined
          ? (before?.lives.slice(-1) ?? [])
          : visit.lives.map(life => ({ life, reached: reached(phase, life) })),
    })
  }
  return stages
}

function* verdictOf(lab: Lab, limits: StudyLimits): Study<GapVerdict> {
  const steps = search(systemOf(lab), propertiesOf(lab), limits)
  let step = steps.next()
  for (; step.done !== true; step = steps.next())
    yield { doing: 'Searching every interleaving', states: step.value.states, done: 0, of: null }
  const verdict = step.value
  const { states } = verdict
  if (verdict.kind === 'violated') {
    const schedule = encodeSchedule(verdict.run.map(({ actor, way }) => ({ actor, alternative: way })))
    return { kind: 'open', states, rule: verdict.property.sentence, run: { schedule, steps: verdict.run.length } }
  }
  return { kind: verdict.kind === 'holds' ? 'closed' : 'undecided', states, rule: null, run: null }
}
