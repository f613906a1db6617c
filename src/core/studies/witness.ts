import { known } from '../base/assert.ts'
import type { TransitionSystem } from '../explorer/system.ts'
import type { Machine } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import { pteAt, ptePfn, ptePresent } from '../machine/page-table.ts'
import type { Setup } from '../machine/setup.ts'
import type { Lab } from '../scenarios/build.ts'
import { systemOf } from '../scenarios/exploration.ts'

/** Where an access ended. `unmapped`: in its own page, which was no longer mapped there and not freed yet. */
export type Target = 'own' | 'unmapped' | 'freed' | 'process' | 'kernel' | 'page-cache' | 'elsewhere'
/** What became of an access, or of a walk on the way to one. */
export type Fate =
  | { readonly kind: 'access'; readonly write: boolean; readonly target: Target }
  | { readonly kind: 'walk-after-free' }

const TARGETS: readonly Target[] = ['own', 'unmapped', 'freed', 'process', 'kernel', 'page-cache', 'elsewhere']

/** Every fate there is; each has a bit, by its place here. */
export const FATES: readonly Fate[] = [
  ...TARGETS.flatMap(target => [false, true].map(write => ({ kind: 'access', write, target }) as const)),
  { kind: 'walk-after-free' },
]

/** It reached what was not the process's any more. */
export const isHarm = (fate: Fate): boolean =>
  fate.kind === 'walk-after-free' || (fate.target !== 'own' && fate.target !== 'unmapped')

/**
 * A lab whose states remember what became of every access: behind the machine's own words stands one word for each CPU, then one
 * for each device, with a bit for each of FATES that it met. Of a CPU only harm is remembered: its lawful accesses are no
 * business of a notifier.
 */
export function watched(lab: Lab): TransitionSystem {
  const { setup, actors } = lab
  const { words, initial, ways, move, done } = systemOf(lab)
  const longer = new Uint32Array(words + setup.cpus.length + setup.devices.length)
  longer.set(initial)
  return {
    words: longer.length,
    initial: longer,
    actors: actors.length,
    ways,
    done,
    move: (state, id, way) => {
      const actor = known(actors[id], 'actor')
      if (actor.kind !== 'cpu' && actor.kind !== 'device') return move(state, id, way)
      const events: SimEvent[] = []
      actor.step(state as Machine, way, event => events.push(event))
      const fate = fateOf(setup, state as Machine, events)
      if (fate === null || (actor.kind === 'cpu' && !isHarm(fate))) return
      // CPUs are the first actors and devices the next, as their words are.
      const word = words + id
      state[word] = (state[word] as number) | (1 << FATES.findIndex(f => sameFate(f, fate)))
    },
  }
}

/** What each CPU and each device met, harmless things first. */
export function fatesIn({ setup }: Lab, state: Uint32Array) {
  const at = (word: number): readonly Fate[] =>
    FATES.filter((_, bit) => (((state[setup.shape.words + word] as number) >>> bit) & 1) === 1)
  return {
    cpus: setup.cpus.map((_, cpu) => at(cpu)),
    devices: setup.devices.map((_, device) => at(setup.cpus.length + device)),
  }
}

/** What became of the access or walk in one step, which led to `m`; null when there was none, or the walk was in order. */
export function fateOf(s: Setup, m: Machine, events: readonly SimEvent[]): Fate | null {
  let fate: Fate | null = null
  for (const e of events) {
    if (e.type === 'walked-after-free') return { kind: 'walk-after-free' }
    if (e.type === 'device-accessed' || e.type === 'cpu-accessed') {
      const pte = pteAt(s.shape, m, s.vpns.indexOf(e.vpn))
      const mapped = ptePresent(pte) && ptePfn(pte) === e.pfn
      fate = { kind: 'access', write: e.write, target: mapped ? 'own' : 'unmapped' }
    }
    if (e.type === 'used-after-free')
      return {
        kind: 'access',
        write: e.write,
        target: e.others === undefined ? (targetOf[e.owner] ?? 'elsewhere') : 'process',
      }
  }
  return fate
}

/** By owner of a frame, as machine/damage.ts names them. */
const targetOf: Readonly<Record<string, Target>> = {
  nobody: 'freed',
  other: 'process',
  'the kernel': 'kernel',
  'the page cache': 'page-cache',
}

const sameFate = (a: Fate, b: Fate): boolean =>
  a.kind === 'access' && b.kind === 'access' ? a.write === b.write && a.target === b.target : a.kind === b.kind
