import { known } from '../base/assert.ts'
import { StateStore } from '../explorer/state-store.ts'
import type { TransitionSystem } from '../explorer/system.ts'
import type { Machine } from '../machine/cells.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import type { Lab } from '../scenarios/build.ts'
import { systemOf } from '../scenarios/exploration.ts'
import { Symmetry } from '../scenarios/symmetry.ts'

/**
 * The whole graph of a lab, up to the names of frames, and in it the definition of what `ample` promises, word for word. Shares nothing with the
 * declarations: it looks at every state that others can come to while an actor stands still.
 */
export class AmpleOracle {
  readonly lab: Lab
  readonly system: TransitionSystem
  /** By state and actor: where its moves lead. */
  readonly next: number[][][] = []
  readonly damage: number[] = []
  private readonly store: StateStore

  /** Throws when there are more states than `most`. `system`: the lab's own, or one in which work goes round. */
  constructor(lab: Lab, most: number, system: TransitionSystem = systemOf(lab)) {
    this.lab = lab
    this.system = system
    const symmetry = new Symmetry(lab)
    // Actors keep their names: it is about them.
    const canonical = (state: Uint32Array): void => symmetry.canonical(state as Machine, false)
    this.store = new StateStore(system.words)
    const state = system.initial.slice()
    const after = system.initial.slice()
    canonical(after)
    this.store.add(after, 0, 0)
    for (let at = 0; at < this.store.size; at++) {
      if (at > most) throw new Error(`more than ${most} states`)
      this.store.load(at, state)
      this.damage.push(damageOf(lab.setup, state as Machine))
      this.next.push(
        lab.actors.map(({ id }) =>
          Array.from({ length: system.ways(state, id) }, (_, way) => {
            after.set(state)
            system.move(after, id, way)
            canonical(after)
            this.store.add(after, at, 0)
            return this.store.find(after)
          }),
        ),
      )
    }
  }

  load(state: number, into: Uint32Array): void {
    this.store.load(state, into)
  }

  /** A frame was freed too early: from here on nothing is promised. */
  beyond(state: number): boolean {
    return ((this.damage[state] as number) & DAMAGE.freedTooEarly) !== 0
  }

  /** By state: the actor can move, and whatever others do before, now or later, its moves stay what they are and disturb nobody. */
  standsForAll(actor: number): boolean[] {
    const good = this.next.map((_, state) => this.commutes(state, actor))
    for (let changed = true; changed; ) {
      changed = false
      for (let state = good.length - 1; state >= 0; state--) {
        const others = this.othersFrom(state, actor)
        if (good[state] !== true || others.every(to => good[to] === true || this.beyond(to))) continue
        good[state] = false
        changed = true
      }
    }
    return good
  }

  private othersFrom = (state: number, actor: number): readonly number[] =>
    known(this.next[state], 'state').flatMap((to, other) => (other === actor ? [] : to))

  /** Of each move of the actor and each of somebody else: both orders lead to the same. */
  private commutes(state: number, actor: number): boolean {
    const row = known(this.next[state], 'state')
    const mine = known(row[actor], 'actor')
    const movesOf = (from: number, who: number): number[] => known(this.next[from]?.[who], 'moves')
    return (
      mine.length > 0 &&
      row.every((theirs, other) => {
        if (other === actor) return true
        return theirs.every(then => {
          // The first too early free stays in reach.
          if (this.beyond(then))
            return mine.every(to => this.beyond(to) || movesOf(to, other).some(s => this.beyond(s)))
          const still = movesOf(then, actor)
          if (still.length !== mine.length) return false
          return mine.every((to, i) => this.beyond(to) || movesOf(to, other).includes(known(still[i], 'move')))
        })
      })
    )
  }
}
