import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Actor, OpFacts } from '../threads/actor.ts'
import type { StepView } from '../view/world.ts'
import { Run } from './run.ts'

/**
 * One line of an interleaving:
 *
 *     ['CPU 0', 'until', 'ptep_get_and_clear_full']     goes on, and stops before it does that
 *     ['CPU 0', 'through', 'page-freed']                goes on until it has done that
 *     ['GPU 0', 'through', 'IOTLB fill', 'buf[1]']      the same; where it has a choice it takes the way that names buf[1]
 *     ['IOMMU', 'steps', 1]                             makes so many moves
 *     ['RCU', 'may', 'table-freed']                     goes on through that, if it is here and has anything to do
 *
 * What it comes to is a function (`zap_pte_range`), what its label says (`the PTE of buf[0]`), or, with `through`, an event
 * (`page-freed`, machine/event.ts). While the one that is named cannot move, those that answer to it do: interrupts, the IOMMU,
 * the fault worker. So a line stays true when the code between two of its points changes.
 */
export type Line =
  | readonly [actor: string, verb: 'until' | 'through' | 'may', place: string, way?: string]
  | readonly [actor: string, verb: 'steps', count: number]

/** One numbered step of a story: a sentence, and the moves that make it. */
export interface Stage {
  readonly says: string
  readonly moves: readonly Line[]
}

/** Why an interleaving cannot be followed in a lab. */
export interface Stuck {
  /** Numbered step and line in it, from 0. */
  readonly stage: number
  readonly line: number
  readonly why: string
}

export interface Compiled {
  /** As far as it goes. */
  readonly run: Run
  /** By numbered step that was made: steps of the run after it. */
  readonly ends: readonly number[]
  readonly stuck: Stuck | null
}

/** Moves that one line may take. More means that it goes round in circles. */
const MOST_MOVES = 512

/** Plays an interleaving in a lab. Never throws: what cannot be followed is answered with the place and the reason. */
export function compileInterleaving(lab: Lab, stages: readonly Stage[]): Compiled {
  const run = new Run(lab)
  const ends: number[] = []
  for (const [stage, { moves }] of stages.entries()) {
    for (const [line, move] of moves.entries()) {
      const why = follow(run, move)
      if (why !== '') return { run, ends, stuck: { stage, line, why } }
    }
    ends.push(run.length)
  }
  return { run, ends, stuck: null }
}

/** Makes the moves of one line at the end of the run. '' when it came where it should. */
function follow(run: Run, line: Line): string {
  const actor = run.lab.actors.find(a => a.name === line[0])
  if (line[1] === 'may') {
    const idle = actor === undefined || actor.ready(run.stateAt(run.length)) === 0
    return idle ? '' : follow(run, [line[0], 'through', line[2]])
  }
  if (actor === undefined) return `there is no “${line[0]}” here, only ${run.lab.actors.map(a => a.name).join(', ')}`
  const [, verb, goal] = line
  let made = 0
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const m = run.stateAt(run.length)
    if (verb === 'steps' && made === goal) return ''
    if (verb === 'until' && !actor.finished(m) && names(actor.op(m, 0), goal)) return ''
    const ways = actor.ready(m)
    if (ways === 0) {
      const helper = actor.finished(m)
        ? undefined
        : run.lab.actors.find(a => helps(a) && a.id !== actor.id && a.ready(m) > 0)
      if (helper === undefined) return whyNot(run.lab, actor, m, verb, goal)
      run.push({ actor: helper.id, alternative: 0 })
      continue
    }
    const alternative = choose(actor, m, ways, verb === 'steps' ? [] : [line[3], goal])
    const op = actor.op(m, alternative)
    run.push({ actor: actor.id, alternative })
    made++
    if (verb === 'through' && (names(op, goal) || shows(known(run.film.at(-1), 'step'), goal))) return ''
  }
  return `${actor.name} goes round in circles and never comes to ${quoted(goal)}`
}

/** Of several ways the one whose label says what is looked for, else the first. */
function choose(actor: Actor, m: Machine, ways: number, wanted: readonly (string | undefined)[]): number {
  for (const text of wanted) {
    if (text === undefined) continue
    for (let way = 0; way < ways; way++) if (names(actor.op(m, way), text)) return way
  }
  return 0
}

const names = (op: OpFacts, place: string): boolean => op.fn === place || op.label.includes(place)
const shows = (step: StepView, place: string): boolean => step.events.some(e => e.type === place)
const helps = (actor: Actor): boolean =>
  actor.kind === 'interrupt' || actor.kind === 'iommu' || actor.kind === 'fault-worker'

/** Why the actor cannot move, and what keeps those that it may wait for. */
function whyNot(lab: Lab, actor: Actor, m: Machine, verb: Line[1], goal: string | number): string {
  const missed = verb === 'steps' ? 'cannot move' : `never comes to ${quoted(goal)}`
  const helpers = actor.finished(m) ? [] : lab.actors.filter(a => helps(a) && !a.finished(m))
  const reasons = [actor.blocked(m), ...helpers.map(a => `${a.name}: ${a.blocked(m)}`)]
  return `${actor.name} ${missed}: ${reasons.join('; ')}`
}

/** An event by its words: `used after free`. Functions and labels as they are. */
const quoted = (goal: string | number): string => {
  const text = String(goal)
  return `“${/^[a-z]+(-[a-z]+)+$/.test(text) ? text.replaceAll('-', ' ') : text}”`
}
