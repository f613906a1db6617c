import { known } from '../base/assert.ts'
import { atcFootprint } from '../device/atc-actor.ts'
import { accessFootprints, reachOf } from '../device/device-footprint.ts'
import { iommuFootprint } from '../device/iommu-actor.ts'
import { requestFootprints, workerAnswers } from '../kernel/fault-worker.ts'
import { flushInterruptFootprint } from '../kernel/flush-interrupt.ts'
import { rcuFootprint } from '../kernel/rcu-actor.ts'
import { hasAtc } from '../machine/ats.ts'
import { get, type Machine } from '../machine/cells.ts'
import { LEAF_READ, STOPPED, WAITING_FOR_CPU } from '../machine/shape.ts'
import type { Footprint } from '../threads/footprint.ts'
import { deviceScripts, interruptedCpus, type Lab } from './build.ts'
import type { Round } from './rounds.ts'

/** A place in somebody's work: the move that is made from there. */
export interface Place extends Footprint {
  /** Who makes it. */
  readonly actor: number
  /** Places to which the work may go on. */
  readonly next: readonly number[]
}

/** Everything that can be done in a lab, place by place: work that goes on from place to place, or stays at one and waits for more. */
export interface Places {
  readonly all: readonly Place[]
  /** By work: writes the places where it stands into `into`, and answers how many. More than one only where there is a choice. */
  readonly works: readonly ((m: Machine, into: number[]) => number)[]
}

/** `rounds`: whose work goes round. */
export function placesIn(lab: Lab, rounds: readonly Round[] = []): Places {
  const { setup: s, actors, programs } = lab
  const all: Place[] = []
  const works: ((m: Machine, into: number[]) => number)[] = []
  const kindOf = (kind: string): number[] => actors.filter(a => a.kind === kind).map(a => a.id)
  const cpus = kindOf('cpu')
  const devices = kindOf('device')
  const stays = (actor: number, footprint: Footprint): void => {
    const at = all.push({ ...footprint, actor, next: [] }) - 1
    works.push((_m, into) => {
      into[0] = at
      return 1
    })
  }

  for (const [cpu, { ops }] of programs.slice(0, s.cpus.length).entries()) {
    const base = all.length
    const { pc } = known(s.shape.cpus[cpu], `CPU ${cpu}`)
    const inside = (at: number): boolean => at < ops.length
    for (const op of ops) {
      const { needs, touches, only, circles } = op
      const next = op.next.filter(inside).map(at => base + at)
      all.push({ actor: known(cpus[cpu], 'CPU'), needs, touches, only, circles, next })
    }
    works.push((m, into) => {
      const at = get(m, pc, 0)
      into[0] = base + at
      return inside(at) ? 1 : 0
    })
  }

  const scripts = deviceScripts(s, lab.scenario)
  const reach = reachOf(s, scripts)
  const evades = s.policy.driver === 'empty-table'
  for (const [device, script] of scripts.entries()) {
    const worker = known(kindOf('fault-worker')[0], 'fault worker')
    const d = known(s.shape.devices[device], `device ${device}`)
    const round = rounds.find(({ actor }) => actor === devices[device])
    /** The access after this one; one that begins a round anew may be part of a circle. */
    const after = (action: number): number => (action + 1 === round?.again ? round.begin : action + 1)
    /** By action and choice: where the six places of the access begin. */
    const bases: number[][] = []
    let count = all.length
    for (const { pages } of script) {
      bases.push(pages.map((_, i) => count + i * ACCESS))
      count += pages.length * ACCESS
    }
    for (const [action, { write, pages }] of script.entries()) {
      for (const page of pages) {
        const base = all.length
        const actor = known(devices[device], 'device')
        const access = accessFootprints(s, reach, device, page, write)
        const request = requestFootprints(s, device, page, write)
        const to = (...places: readonly number[]): number[] => places.map(place => base + place)
        const { lookUp } = access
        all.push(
          {
            ...lookUp,
            actor,
            next: [...to(AT.lookUp, AT.walk, AT.take), ...(bases[after(action)] ?? [])],
            circles: after(action) > action ? lookUp.circles : access.completes,
          },
          { ...access.walk, actor, next: to(AT.walk, AT.fill, AT.take) },
          { ...access.fill, actor, next: to(AT.lookUp) },
          {
            ...request.take,
            only: [access.faults],
            actor: worker,
            next: evades ? to(AT.handle, AT.lookUp) : to(AT.handle),
          },
          { ...request.handle, actor: worker, next: to(AT.respond) },
          { ...request.respond, actor: worker, next: to(AT.lookUp) },
        )
      }
    }
    works.push((m, into) => {
      const action = get(m, d.action, 0)
      const stage = get(m, d.stage, 0)
      const access = script[action]
      const base = bases[action]
      if (access === undefined || base === undefined || stage === STOPPED) return 0
      const page = get(m, d.page, 0) - 1
      if (page < 0) {
        for (let i = 0; i < base.length; i++) into[i] = base[i] as number
        return base.length
      }
      const at = stage === 0 ? AT.lookUp : stage < LEAF_READ ? AT.walk : stage === LEAF_READ ? AT.fill : AT.take
      const answer = stage === WAITING_FOR_CPU ? workerAnswers(s, m, device) : 0
      into[0] = (base[access.pages.indexOf(page)] as number) + at + answer
      return 1
    })
  }

  for (const actor of kindOf('iommu')) stays(actor, iommuFootprint(s, reach))
  const atcs = s.devices.flatMap((_, device) => (hasAtc(s, device) ? [device] : []))
  for (const [i, actor] of kindOf('atc').entries()) stays(actor, atcFootprint(s, known(atcs[i], 'ATC')))
  const interrupted = interruptedCpus(s)
  for (const [i, actor] of kindOf('interrupt').entries())
    stays(actor, flushInterruptFootprint(s, known(interrupted[i], 'CPU')))
  for (const actor of kindOf('rcu')) stays(actor, rcuFootprint(s))
  return { all, works }
}

/** Places of one access of a device, in this order. Those from `take` on are the fault worker's. */
const AT = { lookUp: 0, walk: 1, fill: 2, take: 3, handle: 4, respond: 5 } as const
const ACCESS = 6
