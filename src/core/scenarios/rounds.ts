import type { TransitionSystem } from '../explorer/system.ts'
import { type Column, get, type Machine, set } from '../machine/cells.ts'
import { hasPrq } from '../machine/page-requests.ts'
import { hasPasids } from '../machine/pasids.ts'
import type { Lab } from './build.ts'

/** An actor whose script says the same things over and over, and what of it makes one round. */
export interface Round {
  readonly actor: number
  /** Its place in its script, or its program. */
  readonly place: Column
  /** Where the first round begins, where the second would, where everything is done, and the place from which a script of this length ends. */
  readonly begin: number
  readonly again: number
  readonly end: number
  readonly leave: number
  /** Between two accesses. */
  readonly idle: (m: Machine) => boolean
}

/** Accesses of one round, where a script is two rounds or more; the last may be cut short. */
export function periodOf(script: readonly string[]): number | undefined {
  for (let period = 1; 2 * period <= script.length; period++)
    if (script.every((access, i) => i < period || access === script[i - period])) return period
  return undefined
}

/** Devices and threads of consumers whose script repeats. None where the machine counts accesses, and has room for those of its scripts. */
export function roundsIn(lab: Lab): Round[] {
  const { setup } = lab
  const counted = hasPrq(setup) || hasPasids(setup) || setup.shape.sizes.features.flushes > 0
  return counted ? [] : [...deviceRounds(lab), ...threadRounds(lab)]
}

function deviceRounds({ scenario, setup, actors }: Lab): Round[] {
  const devices = actors.flatMap(({ kind, id }) => (kind === 'device' ? [id] : []))
  return devices.flatMap((actor, i) => {
    const script = scenario.devices[i]?.script ?? []
    const columns = setup.shape.devices[i]
    const period = periodOf(script.map(access => JSON.stringify(access)))
    if (period === undefined || columns === undefined) return []
    const { action, page, stage } = columns
    return {
      actor,
      place: action,
      begin: 0,
      again: period,
      end: script.length,
      leave: script.length % period,
      idle: m => get(m, page, 0) === 0 && get(m, stage, 0) === 0,
    }
  })
}

function threadRounds({ setup, programs, runners }: Lab): Round[] {
  const threads = setup.consumers.flatMap(consumer => consumer.threads)
  return threads.flatMap(({ pc, accesses }, i) => {
    const program = setup.cpus.length + i
    const script = accesses?.() ?? []
    const period = periodOf(script.map(({ what }) => what))
    const at = (access: number): number => script[access]?.at ?? 0
    const actor = runners[program]
    if (period === undefined || actor === undefined) return []
    return {
      actor,
      place: pc,
      begin: at(0),
      again: at(period),
      end: programs[program]?.ops.length ?? 0,
      leave: at(script.length % period),
      idle: () => true,
    }
  })
}

/**
 * The system in which these actors go round for as long as they like. A move that would begin the second round begins the first anew,
 * and where a script of this length ends its actor may choose to: one way more. Everything that the system can do it can do too.
 */
export function goingRound(system: TransitionSystem, rounds: readonly Round[]): TransitionSystem {
  const roundOf = Array.from({ length: system.actors }, (_, actor) => rounds.find(round => round.actor === actor))
  const mayLeave = (m: Machine, { place, leave, idle }: Round): boolean => get(m, place, 0) === leave && idle(m)
  return {
    ...system,
    ways: (state, actor) => {
      const round = roundOf[actor]
      const ways = system.ways(state, actor)
      return round !== undefined && mayLeave(state as Machine, round) ? ways + 1 : ways
    },
    move: (state, actor, way) => {
      const round = roundOf[actor]
      if (round === undefined) return system.move(state, actor, way)
      const { place, begin, again, end } = round
      const m = state as Machine
      if (mayLeave(m, round) && way === system.ways(state, actor)) return set(m, place, 0, end)
      system.move(state, actor, way)
      if (get(m, place, 0) === again) set(m, place, 0, begin)
    },
  }
}
