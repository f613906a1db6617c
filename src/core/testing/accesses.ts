import { known } from '../base/assert.ts'
import { type Column, copyOf, type Machine, watching } from '../machine/cells.ts'
import type { Cells, Resource } from '../machine/resources.ts'
import { canGo, touchesNow } from '../scenarios/ample.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Place, Places } from '../scenarios/places.ts'
import type { Part } from '../threads/footprint.ts'

/** Bits by word. */
type Bits = Uint32Array

const bitsOf = (words: number, cells: readonly Cells[]): Bits => {
  const bits = new Uint32Array(words)
  for (const { column, from, end } of cells) {
    for (let i = from; i < end; i++) {
      const word = column.word[i] as number
      bits[word] = ((bits[word] as number) | (column.mask << (column.shift[i] as number))) >>> 0
    }
  }
  return bits
}

/** Holds the moves of a lab against what is declared of them. */
export class Accesses {
  readonly lab: Lab
  readonly places: Places
  private readonly bits: readonly Bits[]
  /** The same, words and bits, without words that have none. */
  private readonly sparse: readonly (readonly (readonly [number, number])[])[]
  /** By actor: what is its own and nobody else changes; and what nobody else even reads. */
  private readonly own: readonly { readonly read: Bits; readonly write: Bits }[]

  constructor(lab: Lab, places: Places) {
    const { shape, resources } = lab.setup
    this.lab = lab
    this.places = places
    this.bits = resources.cells.map(cells => bitsOf(shape.words, cells))
    this.sparse = this.bits.map(bits => [...bits.entries()].filter(([, b]) => b !== 0))
    const shared = joined(shape.words, this.bits, resource => resource !== resources.held)
    const all = (columns: readonly Column[]): Cells[] =>
      columns.map(column => ({ column, from: 0, end: column.length }))
    const count = { cpu: 0, device: 0 }
    this.own = lab.actors.map(actor => {
      const columns =
        actor.kind === 'cpu'
          ? Object.values(known(shape.cpus[count.cpu++], 'CPU'))
          : actor.kind === 'device'
            ? Object.values(known(shape.devices[count.device++], 'device'))
            : actor.kind === 'fault-worker'
              ? Object.values(shape.faultWorker)
              : []
      // Harm is recorded bit by bit and never looked at: the order does not matter.
      const damage = bitsOf(shape.words, all([shape.damage, shape.furtherDamage]))
      const own = bitsOf(shape.words, all(columns))
      const less = (than: Bits): Bits => own.map((b, w) => ((b & ~(than[w] as number)) | (damage[w] as number)) >>> 0)
      const others = changedIn(places.all.filter(place => place.actor !== actor.id))
      const changed = joined(shape.words, this.bits, resource => resource !== resources.held && others.has(resource))
      return { read: less(changed), write: less(shared) }
    })
  }

  /** The places from which the actor can move now, one for each of its alternatives. */
  movesOf(m: Machine, actor: number): Place[] {
    return this.standing(m)
      .flat()
      .map(at => known(this.places.all[at], 'place'))
      .filter(place => place.actor === actor && canGo(m, place))
  }

  /** By work: where it stands. */
  standing(m: Machine): number[][] {
    return this.places.works.map(work => {
      const into: number[] = []
      const count = work(m, into)
      return into.slice(0, count)
    })
  }

  /** Makes the move in place, and says what it looked at or changed without having declared it. */
  undeclared(m: Machine, actor: number, alternative: number): string[] {
    const moves = this.movesOf(m, actor)
    const mover = known(this.lab.actors[actor], 'actor')
    const place = known(moves[alternative], 'place')
    const may = { read: this.allowed(m, place, actor, 'read'), write: this.allowed(m, place, actor, 'write') }
    const complaints = new Set<string>()
    const tell = (what: 'read' | 'write', word: number, bits: number): void => {
      const strange = (bits & ~(may[what][word] as number)) >>> 0
      if (strange !== 0) complaints.add(`${mover.name}: ${what} ${this.nameOf(word, strange)}`)
    }
    watching(
      { read: (word, bits) => tell('read', word, bits), wrote: (word, bits) => tell('write', word, bits) },
      () => {
        mover.ready(m)
        mover.step(m, alternative)
      },
    )
    return [...complaints]
  }

  private allowed(m: Machine, { needs, touches }: Place, actor: number, what: 'read' | 'write'): Bits {
    const allowed = known(this.own[actor], 'own')[what].slice()
    const allow = (on: readonly Resource[] | undefined): void => {
      for (const resource of on ?? [])
        for (const [w, b] of known(this.sparse[resource], 'resource')) allowed[w] = ((allowed[w] as number) | b) >>> 0
    }
    const parts: Part[] = touches.filter(part => touchesNow(m, part))
    for (const part of parts) for (const on of [part.merges, part.writes, part.marks]) allow(on)
    if (what === 'write') return allowed
    for (const need of needs) allow(need.on)
    for (const part of touches) if (part.now === undefined) allow(part.only?.on)
    for (const part of parts) for (const on of [part.reads, part.misses, part.knows]) allow(on)
    return allowed
  }

  private nameOf(word: number, bits: number): string {
    const { names } = this.lab.setup.resources
    const named = names.filter((_, i) => (((this.bits[i] as Bits)[word] as number) & bits) !== 0)
    return named.length === 0 ? `word ${word} bits ${bits.toString(16)}` : named.join(' or ')
  }
}

/** What moves from these places may change. */
function changedIn(places: readonly Place[]): ReadonlySet<number> {
  const changed = new Set<number>()
  for (const { touches } of places)
    for (const { merges = [], writes = [] } of touches)
      for (const on of [merges, writes]) for (const r of on) changed.add(r)
  return changed
}

/** The bits of all resources that are wanted. */
function joined(words: number, by: readonly Bits[], wanted: (resource: number) => boolean): Bits {
  const all = new Uint32Array(words)
  for (const [resource, bits] of by.entries())
    if (wanted(resource)) for (let w = 0; w < words; w++) all[w] = ((all[w] as number) | (bits[w] as number)) >>> 0
  return all
}

/** The state after a move, which is left as it was. */
export function after(lab: Lab, m: Machine, actor: number, alternative: number): Machine {
  const next = copyOf(m)
  known(lab.actors[actor], 'actor').step(next, alternative)
  return next
}
