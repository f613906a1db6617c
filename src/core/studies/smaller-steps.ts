import { known } from '../base/assert.ts'
import { leaveOut, moveNames, type NameMove, needOf, timesUpTo } from '../explorer/need.ts'
import type { Move, Property } from '../explorer/system.ts'
import type { Machine } from '../machine/cells.ts'
import { Run } from '../runs/run.ts'
import type { Lab } from '../scenarios/build.ts'
import { systemOf } from '../scenarios/exploration.ts'
import type { Choice } from '../threads/choice.ts'
import type { Searches } from './searches.ts'
import type { Study } from './study.ts'

/** One step of the smallest run, and what was found out about runs without it. */
export interface StepNeed {
  /** Counted from 1. */
  readonly number: number
  readonly actor: string
  /** Whose column it stands in: an interrupt in that of its CPU. */
  readonly lane: string
  /** Kernel function, or what hardware does. */
  readonly fn: string
  readonly label: string
  /** What happened, in a sentence. */
  readonly sentence: string
  /** How often the actor has done just this when the step is done. */
  readonly times: number
  readonly without: Without
  readonly need: Need
}

/** The run without the step: those before it, and of those after it what can still be done. */
export interface Without {
  /** It breaks the rule all the same. Never so of a shortest run. */
  readonly broken: boolean
  readonly schedule: readonly Choice[]
  readonly later: readonly {
    readonly number: number
    readonly actor: string
    readonly label: string
    /** Why it was not made; '' when it was. */
    readonly why: string
  }[]
  /** The sentence of its last step; '' when it has none. */
  readonly end: string
}

/** Whether other runs of the same scenario break the rule while the actor does this less often. */
export type Need =
  /** None does: all `states` that can be reached so were looked at. */
  | { readonly kind: 'every-run'; readonly states: number }
  /** This one does. */
  | { readonly kind: 'this-run'; readonly schedule: readonly Choice[] }
  /** Nothing found in `states` states; the rest were not looked at. */
  | { readonly kind: 'undecided'; readonly states: number }

/** Looks at each step of a shortest run that breaks a property: what the run is without it, and whether any run is. */
export function* stepNeeds(lab: Lab, property: Property, run: readonly Move[], searches: Searches): Study<StepNeed[]> {
  const system = systemOf(lab)
  const film = filmOf(lab, run)
  const names = moveNames(system, run, nameIn(lab))
  const needs: StepNeed[] = []
  for (const [at, { actor }] of run.entries()) {
    const times = timesUpTo(system, run, at, nameIn(lab))
    const limited = { actor, name: known(names[at], 'name'), most: times - 1 }
    const search = needOf(system, property, limited, nameIn(lab), searches.budget())
    const breach = yield* searches.run(`Searching without step ${at + 1} of ${run.length}`, search)
    const need: Need =
      breach.kind === 'broken'
        ? { kind: 'this-run', schedule: choicesOf(breach.run) }
        : { kind: breach.kind === 'holds' ? 'every-run' : 'undecided', states: breach.states }
    const step = known(film[at], 'step')
    needs.push({
      number: at + 1,
      actor: step.actor.name,
      lane: step.actor.lane,
      fn: step.op,
      label: labelOf(known(names[at], 'name')),
      sentence: step.sentence,
      times,
      without: withoutStep(lab, property, run, at, names),
      need,
    })
  }
  return needs
}

/** `zap_pte_range: clear the PTE of buf[0]` */
const nameIn =
  ({ actors }: Lab): NameMove =>
  (state, actor, way) => {
    const { fn, label } = known(actors[actor], 'actor').op(state as Machine, way)
    return `${fn}${BETWEEN}${label}`
  }
const BETWEEN = ': '
const labelOf = (name: string): string => name.slice(name.indexOf(BETWEEN) + BETWEEN.length)

function withoutStep(
  lab: Lab,
  property: Property,
  run: readonly Move[],
  at: number,
  names: readonly string[],
): Without {
  const reasons: string[] = []
  const left = leaveOut(systemOf(lab), property, run, at, nameIn(lab), (state, { actor, way }) => {
    const who = known(lab.actors[actor], 'actor')
    const blocked = way >= who.ready(state as Machine)
    reasons.push(blocked ? who.blocked(state as Machine) : `it would first ${who.op(state as Machine, way).label}`)
  })
  return {
    broken: left.broken,
    schedule: choicesOf(left.made),
    later: left.later.map(({ step, came }) => ({
      number: step + 1,
      actor: known(lab.actors[known(run[step], 'step').actor], 'actor').name,
      label: labelOf(known(names[step], 'name')),
      why: came === 'made' ? '' : known(reasons.shift(), 'reason'),
    })),
    end: filmOf(lab, left.made).at(-1)?.sentence ?? '',
  }
}

export const choicesOf = (run: readonly Move[]): Choice[] => run.map(({ actor, way }) => ({ actor, alternative: way }))

function filmOf(lab: Lab, run: readonly Move[]) {
  const shown = new Run(lab)
  for (const choice of choicesOf(run)) shown.push(choice)
  return shown.film
}
