import type { Run } from '../../core/conformance/align.ts'
import type { SimEvent } from '../../core/machine/event.ts'
import type { ActorView, PhaseView, RibbonView, StepView } from '../../core/view/world.ts'
import { captionOf, type PageName } from '../../panels/shared/captions.ts'
import { gapOf, isCallback } from '../../panels/traces/strip.ts'

/** The part of a recorded event that is shown. */
export interface ShownEvent {
  readonly time: number
  readonly cpu: number
  readonly task: string
  readonly event: SimEvent
  readonly phase: string | null
  readonly line: number
}

/** A recording as the panels of the lab know a run: steps in lanes, phases in a ribbon. */
export interface RecordedFilm {
  readonly film: readonly StepView[]
  readonly lanes: readonly string[]
  readonly ribbon: RibbonView
}

/** Phases drawn in a ribbon; a longer operation has more than anyone reads in a row. */
const MOST_PHASES = 40

/** What a real kernel did, as a film. Each event is a step; equal phases in a row are one phase of the ribbon. */
export function filmOf(title: string, events: readonly ShownEvent[], nameOf: PageName): RecordedFilm {
  const laneOf = (e: ShownEvent) => `CPU ${e.cpu} ${e.task}`
  const lanes = [...new Set(events.map(laneOf))].sort()
  const runs: Run[] = []
  const film = events.map((e, i): StepView => {
    const phase = e.phase === null ? null : runIndex(runs, e.phase, i)
    return {
      number: i + 1,
      choice: { actor: lanes.indexOf(laneOf(e)), alternative: 0 },
      actor: actorOf(lanes.indexOf(laneOf(e)), laneOf(e)),
      op: e.event.type,
      file: '',
      stack: [],
      key: e.event.type,
      mark: e.phase ?? e.event.type,
      sentence: captionOf(e.event, nameOf),
      why: `Line ${e.line} of the recording, ${Math.round(e.time)} µs after its first event.`,
      tone: toneOf(e.event),
      phase,
      events: [e.event],
      // What a device could still reach, no recording tells.
      exposed: 0,
    }
  })
  return { film, lanes, ribbon: { title, phases: phasesOf(runs).slice(0, MOST_PHASES) } }
}

/** The run that an event's phase belongs to: the last one if that has the same name, else a new one. */
function runIndex(runs: Run[], phase: string, position: number): number {
  const last = runs.at(-1)
  if (last?.phase === phase) runs[runs.length - 1] = { ...last, count: last.count + 1 }
  else runs.push({ phase, count: 1, position })
  return runs.length - 1
}

function phasesOf(runs: readonly Run[]): readonly PhaseView[] {
  const gap = gapOf(runs)
  return runs.map(({ phase }, i) => ({
    id: `${i} ${phase}`,
    title: phase,
    note: '',
    kind: isCallback(phase) ? 'call' : 'work',
    amber: gap[i] ?? false,
  }))
}

function toneOf(event: SimEvent): StepView['tone'] {
  switch (event.type) {
    case 'pte-cleared':
    case 'page-gathered':
    case 'rmap-removed':
      return 'unmapped'
    case 'page-freed':
      return 'freed'
    case 'table-unlinked':
    case 'table-gathered':
    case 'table-freed':
    case 'tables-queued-for-rcu':
      return 'table'
    case 'secondary-tlb-invalidate-called':
    case 'cpu-tlb-flushed':
    case 'cpu-flush-started':
      return 'invalidated'
    case 'pte-set':
    case 'page-allocated':
      return 'mapped'
    default:
      return 'neutral'
  }
}

const actorOf = (id: number, lane: string): ActorView => ({ id, name: lane, kind: 'cpu', lane })
