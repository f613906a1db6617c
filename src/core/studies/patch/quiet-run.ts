import { known } from '../../base/assert.ts'
import { copyOf, get } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Actor } from '../../threads/actor.ts'
import { type Followed, type Life, lifeOf, pagesIn } from './frames.ts'

/** A phase as it is first come through, while nobody else does anything. */
export interface Visit {
  /** Index into the program’s phases. */
  readonly phase: number
  readonly pair: boolean
  readonly told: boolean
  readonly lives: readonly Life[]
}

interface Step {
  readonly phase: number | null
  readonly pairs: number
  readonly life: Life
  readonly events: readonly SimEvent[]
}

/**
 * Lets a CPU unmap alone, others moving only to answer it, and follows the first page that goes, or the first page table. What
 * becomes of the frame in which phase is the same in every run; what others do to it is not.
 */
export function quietRun(
  lab: Lab,
  cpu: number,
  what: Followed['what'],
): { readonly followed: Followed; readonly page: number; readonly visits: readonly Visit[] } {
  const all: SimEvent[] = []
  for (const { events } of stepsOf(lab, cpu, () => 'mapped')) all.push(...events)
  const gone = known(
    all.find(e => e.type === (what === 'page' ? 'pte-cleared' : 'table-unlinked')),
    `a ${what} that goes`,
  )
  const { vpn, pfn } = gone as Extract<SimEvent, { type: 'pte-cleared' }>
  const page = lab.setup.vpns.indexOf(vpn)
  const place = lab.setup.shape.path[page]?.at(-1) ?? -1
  const followed: Followed = { what, id: what === 'page' ? page : place, pfn }
  const steps = [...stepsOf(lab, cpu, m => lifeOf(lab, m, followed))]
  return { followed, page, visits: visitsIn(lab, steps, page) }
}

/** Steps of the run: the phase of the CPU’s next operation, how things stand before it, and what it does. */
function* stepsOf(lab: Lab, cpu: number, life: (m: Lab['initial']) => Life): Generator<Step> {
  const m = copyOf(lab.initial)
  const lead = known(lab.actors[cpu], 'CPU')
  const openPairs = (): number => get(m, lab.setup.shape.openPairs, 0)
  for (;;) {
    const next = lead.ready(m) > 0 ? lead : lab.actors.find(a => answers(a) && a.ready(m) > 0)
    const { phase } = lead.op(m, 0)
    const before = { pairs: openPairs(), life: life(m) }
    const events: SimEvent[] = []
    next?.step(m, 0, event => events.push(event))
    yield { phase, pairs: Math.max(before.pairs, openPairs()), life: before.life, events }
    if (next === undefined) return
  }
}

const answers = (actor: Actor): boolean => actor.kind !== 'cpu' && actor.kind !== 'device'

/** Each phase once, as it is come through the first time: a munmap() of several pages goes round. */
function visitsIn({ setup }: Lab, steps: readonly Step[], page: number): Visit[] {
  const visits: { phase: number; pair: boolean; told: boolean; lives: Life[] }[] = []
  for (const { phase, pairs, life, events } of steps) {
    if (phase === null) continue
    const latest = visits.at(-1)
    if (latest?.phase !== phase && visits.some(v => v.phase >= phase)) continue
    const visit = latest?.phase === phase ? latest : { phase, pair: false, told: false, lives: [] as Life[] }
    if (visit !== latest) visits.push(visit)
    visit.pair ||= pairs > 0
    visit.told ||= events.some(e => e.type === 'invalidation-queued' && pagesIn(setup, e.range).includes(page))
    if (visit.lives.at(-1) !== life) visit.lives.push(life)
  }
  return visits
}
