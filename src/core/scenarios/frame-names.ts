import { completionUnderWay } from '../machine/ats.ts'
import { type Column, get, type Machine, set } from '../machine/cells.ts'
import { type Setup, USE } from '../machine/setup.ts'
import { LEAF_READ, type WalkColumns } from '../machine/shape.ts'

/** A column whose cells name frames: the frame's number, plus `plus`, from bit `shift` on. */
interface Naming {
  readonly column: Column
  readonly shift: number
  readonly plus: 0 | 1
  /** How many cells are in use; undefined: those that are not 0. */
  readonly count: Column | undefined
  /** A cell that is in use lets somebody reach the frame. */
  readonly reaches: boolean
}

/**
 * New numbers for frames: in the order in which a state speaks of them, so that states which speak alike of different frames become
 * the same. The kernel's own frame and those of the page cache keep theirs, because the setup knows them.
 */
export class FrameNames {
  private readonly s: Setup
  private readonly namings: readonly Naming[]
  private readonly walks: readonly WalkColumns[]
  private readonly cpuWalks: number
  private readonly fixed: Uint8Array
  private readonly mask: number
  /** By frame: its new number, or -1. */
  private readonly names: Int32Array
  /** By frame: a translator or a walk under way names it. */
  private readonly held: Uint8Array
  private readonly nameless: Int32Array
  private readonly scratch: Uint32Array
  private next = 0

  constructor(s: Setup) {
    const { shape } = s
    const { frames } = shape.sizes
    this.s = s
    const naming = (column: Column, shift: number, plus: 0 | 1, count?: Column, reaches = false): Naming => ({
      column,
      shift,
      plus,
      count,
      reaches,
    })
    this.namings = [
      naming(shape.table, 0, 1),
      naming(shape.pte, 2, 1),
      ...shape.cpus.map(k => naming(k.gatherList, 1, 0, k.gatherCount)),
      naming(shape.rcuList, 0, 0, shape.rcuCount),
      ...[...shape.cpus, shape.iommu].flatMap(w => [
        naming(w.tlb, 1, 0, undefined, true),
        naming(w.walkCache, 0, 0, undefined, true),
      ]),
      ...shape.ats.map(a => naming(a.tlb, 1, 0, undefined, true)),
      naming(shape.freeList, 0, 0, shape.freeCount),
    ]
    this.walks = [...shape.cpus, ...shape.devices]
    this.cpuWalks = shape.cpus.length
    this.mask = 2 ** s.pfnBits - 1
    this.fixed = new Uint8Array(frames)
    this.fixed[s.forgedTarget] = 1
    for (const pfn of s.fileFrame) if (pfn >= 0) this.fixed[pfn] = 1
    this.names = new Int32Array(frames)
    this.held = new Uint8Array(frames)
    this.nameless = new Int32Array(frames)
    this.scratch = new Uint32Array(frames)
  }

  /** New number of a frame, or -1 when it has none yet. */
  nameOf(pfn: number): number {
    return this.names[pfn] as number
  }

  /** Begins anew, and names all frames but those that only a walk for a device or nobody speaks of. */
  begin(m: Machine): void {
    const { names, fixed, held } = this
    this.next = 0
    held.fill(0)
    for (let pfn = 0; pfn < names.length; pfn++) names[pfn] = fixed[pfn] === 1 ? pfn : -1
    for (const of of this.namings) {
      const used = of.count === undefined ? of.column.length : get(m, of.count, 0)
      for (let i = 0; i < used; i++) {
        const value = get(m, of.column, i)
        if (of.count === undefined && value === 0) continue
        const pfn = ((value >>> of.shift) & this.mask) - of.plus
        if (of.reaches) held[pfn] = 1
        this.name(pfn)
      }
    }
    for (let i = 0; i < this.walks.length; i++) this.nameWalk(m, i, i < this.cpuWalks)
  }

  /** Names the others: as the walks for devices come, then by what is known of them. */
  finish(m: Machine): void {
    const { names, nameless, held, s } = this
    const { use, forged, writer } = s.shape
    for (let i = this.cpuWalks; i < this.walks.length; i++) this.nameWalk(m, i, true)
    let count = 0
    for (let pfn = 0; pfn < names.length; pfn++) {
      set(m, writer, pfn, 0)
      // Bytes that nobody can read any more: another process does not give its frames back.
      if (held[pfn] === 0 && get(m, use, pfn) === USE.other) set(m, forged, pfn, 0)
      if ((names[pfn] as number) < 0) nameless[count++] = pfn
    }
    for (let end = 1; end < count; end++) {
      for (let i = end; i > 0 && this.before(m, nameless[i] as number, nameless[i - 1] as number); i--) {
        const pfn = nameless[i] as number
        nameless[i] = nameless[i - 1] as number
        nameless[i - 1] = pfn
      }
    }
    for (let i = 0; i < count; i++) this.name(nameless[i] as number)
  }

  /** Gives every frame its new number, wherever the state speaks of it. */
  rename(m: Machine): void {
    const { names, scratch, s } = this
    if (names.every((name, pfn) => name === pfn)) return
    const { refcount, mapcount, use, purpose, forged } = s.shape
    for (const of of this.namings) {
      const used = of.count === undefined ? of.column.length : get(m, of.count, 0)
      for (let i = 0; i < used; i++) {
        const value = get(m, of.column, i)
        if (of.count === undefined && value === 0) continue
        const pfn = ((value >>> of.shift) & this.mask) - of.plus
        const kept = value & ~(this.mask << of.shift)
        set(m, of.column, i, kept | (((names[pfn] as number) + of.plus) << of.shift))
      }
    }
    for (let i = 0; i < this.walks.length; i++) {
      const { frame } = this.walks[i] as WalkColumns
      if (this.hasFrame(m, i)) set(m, frame, 0, names[get(m, frame, 0)] as number)
    }
    for (const column of [refcount, mapcount, use, purpose, forged]) {
      for (let pfn = 0; pfn < names.length; pfn++) scratch[pfn] = get(m, column, pfn)
      for (let pfn = 0; pfn < names.length; pfn++) set(m, column, names[pfn] as number, scratch[pfn] as number)
    }
  }

  private nameWalk(m: Machine, i: number, names: boolean): void {
    const walk = this.walks[i] as WalkColumns
    if (!this.hasFrame(m, i)) return
    const pfn = get(m, walk.frame, 0)
    this.held[pfn] = 1
    if (names) this.name(pfn)
  }

  /** A walk is under way, or a Translation Completion. */
  private hasFrame(m: Machine, i: number): boolean {
    const stage = get(m, (this.walks[i] as WalkColumns).stage, 0)
    return (
      (stage >= 1 && stage <= LEAF_READ) || (i >= this.cpuWalks && completionUnderWay(this.s, m, i - this.cpuWalks))
    )
  }

  private name(pfn: number): void {
    if ((this.names[pfn] as number) >= 0) return
    while (this.fixed[this.next] === 1) this.next++
    this.names[pfn] = this.next++
  }

  private before(m: Machine, a: number, b: number): boolean {
    const { use, purpose, refcount, mapcount, forged } = this.s.shape
    for (const column of [use, purpose, refcount, mapcount, forged]) {
      const difference = get(m, column, a) - get(m, column, b)
      if (difference !== 0) return difference < 0
    }
    return false
  }
}
