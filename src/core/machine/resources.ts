import type { Brand } from '../base/brand.ts'
import type { Column } from './cells.ts'
import type { Shape } from './shape.ts'

/** Something that several actors look at or change: a number below `Resources.count`. */
export type Resource = Brand<number, 'Resource'>

/** A run of cells: [from, end) of a column. */
export interface Cells {
  readonly column: Column
  readonly from: number
  readonly end: number
}

type ByNumber = (i: number) => Resource

/**
 * Everything in a machine that is not one actor's alone, in the pieces in which moves can get in each other's way
 * (threads/footprint.ts). Several resources may be different sides of the same cells: who may come next in a queue, and whether it
 * has room.
 */
export interface Resources {
  readonly count: number
  readonly mmapWriter: Resource
  readonly mmapReaders: Resource
  readonly flushPending: Resource
  readonly openPairs: Resource
  /** By page. */
  readonly vma: ByNumber
  readonly pte: ByNumber
  /** What each CPU still has to tell of the page. */
  readonly uncoveredPage: ByNumber
  /** By place. */
  readonly table: ByNumber
  readonly ptl: ByNumber
  readonly uncoveredTable: ByNumber

  readonly root: Resource
  readonly nesting: Resource
  readonly pasidLock: Resource
  /** The order of commands, as they come in. */
  readonly queue: Resource
  /** Whether one more command fits. */
  readonly queueRoom: Resource
  /** By CPU: commands of its own that are not executed yet. */
  readonly commands: ByNumber
  /** By page: IOTLB entries for it, as far as they can be dropped. */
  readonly iotlb: ByNumber
  /** By page: IOTLB entries for it, as far as they can be filled in. */
  readonly fills: ByNumber
  /** By place: the IOMMU's walk-cache entry for it. */
  readonly walkCache: ByNumber
  /** By device: the walk under way for it. */
  readonly walks: ByNumber
  /** By device: its page request. */
  readonly request: ByNumber
  /** By device: its ATC, and the translation on its way there. */
  readonly atc: ByNumber
  /** By device: the Invalidate Request that its ATC has to answer. */
  readonly atcRequest: ByNumber

  /** By target × CPUs + initiator. */
  readonly flushRequest: ByNumber
  /** By CPU: the range its gather has recorded, which the CPUs that it interrupts read. */
  readonly gatherRange: ByNumber
  /** By CPU: its TLB and walk cache. */
  readonly tlb: ByNumber
  /** By CPU: whether an instruction is in the middle of its walk. */
  readonly walking: ByNumber

  /** Whether the fault worker is at work on a request. */
  readonly worker: Resource
  readonly rcu: Resource
  /** The allocator, and what is known of each frame. */
  readonly frames: Resource
  /** Which frames translators and walks still name. */
  readonly held: Resource

  /** `pte 3`, for messages. */
  readonly names: readonly string[]
  /** By resource: the cells it is about. */
  readonly cells: readonly (readonly Cells[])[]
}

/** Everything in a state that operations can touch, each with a number of its own. */
export function resourcesOf(shape: Shape): Resources {
  const names: string[] = []
  const cells: Cells[][] = []
  const one = (name: string, ...of: readonly Cells[]): Resource => {
    names.push(name)
    return (cells.push([...of]) - 1) as Resource
  }
  const each = (name: string, count: number, of: (i: number) => readonly Cells[]): ByNumber => {
    const first = names.length
    for (let i = 0; i < count; i++) one(`${name} ${i}`, ...of(i))
    return i => (first + i) as Resource
  }

  const { sizes, cpus, devices, iommu, ats } = shape
  const pages = sizes.pages.length
  const places = shape.places.length
  const { queueCount, queueStart, queueEnd, queueLeaf, queueBy } = iommu
  const queue = [queueCount, queueStart, queueEnd, queueLeaf, queueBy, shape.queueDevice].map(all)
  const answers = ats.map(a => all(a.requestBy))
  const frames = ['refcount', 'mapcount', 'use', 'purpose', 'writer', 'forged', 'freeCount', 'freeList'] as const
  const translators = [...cpus, iommu].flatMap(w => [all(w.tlb), all(w.walkCache)])
  const walkFrames = [...cpus, ...devices].flatMap(w => [all(w.stage), all(w.frame)])
  const atcs = ats.flatMap(a => [all(a.tlb), all(a.completion)])

  return {
    mmapWriter: one('mmap writer', all(shape.mmapWriter)),
    mmapReaders: one('mmap readers', all(shape.mmapReaders)),
    flushPending: one('tlb_flush_pending', all(shape.flushPending)),
    openPairs: one('open pairs', all(shape.openPairs)),
    vma: each('vma', pages, page => [cell(shape.vma, page)]),
    pte: each('pte', pages, page => [cell(shape.pte, page)]),
    uncoveredPage: each('uncovered page', pages, page =>
      cpus.map((_, cpu) => cell(shape.uncoveredPage, cpu * pages + page)),
    ),
    table: each('table', places, place => [cell(shape.table, place)]),
    ptl: each('ptl', places, place => [cell(shape.ptl, place)]),
    uncoveredTable: each('uncovered table', places, place => [cell(shape.uncoveredTable, place)]),
    root: one('PASID root', all(iommu.root)),
    nesting: one('nesting', all(iommu.nesting)),
    pasidLock: one('PASID lock', all(iommu.pasidLock)),
    queue: one('queue', ...queue),
    queueRoom: one('room in the queue', all(iommu.queueCount)),
    commands: each('commands of CPU', cpus.length, () => [...queue, ...answers]),
    iotlb: each('iotlb', pages, () => [all(iommu.tlb)]),
    fills: each('iotlb fills', pages, () => [all(iommu.tlb)]),
    walkCache: each('walk cache', places, () => [all(iommu.walkCache)]),
    walks: each('walk for device', devices.length, device => {
      const d = devices[device]
      return d === undefined ? [] : [all(d.stage), all(d.page)]
    }),
    request: each('request of device', devices.length, device => {
      const d = devices[device]
      return d === undefined ? [] : [all(d.stage), all(d.page), all(d.action)]
    }),
    atc: each('atc of device', devices.length, device => {
      const a = ats[device]
      const d = devices[device]
      if (a === undefined || d === undefined || a.tlb.length === 0) return []
      return [a.tlb, a.completion, d.frame, d.writable, d.page].map(all)
    }),
    atcRequest: each('atc request of device', devices.length, device => {
      const a = ats[device]
      return a === undefined ? [] : [a.requestBy, a.requestStart, a.requestEnd].map(all)
    }),
    flushRequest: each('flush request', cpus.length ** 2, slot => [cell(shape.flushRequest, slot)]),
    gatherRange: each('gather range of CPU', cpus.length, cpu => {
      const k = cpus[cpu]
      return k === undefined ? [] : [k.gatherStart, k.gatherEnd, k.nested, k.freedTables].map(all)
    }),
    tlb: each('tlb of CPU', cpus.length, cpu => {
      const k = cpus[cpu]
      return k === undefined ? [] : [all(k.tlb), all(k.walkCache)]
    }),
    walking: each('walk of CPU', cpus.length, cpu => {
      const k = cpus[cpu]
      return k === undefined ? [] : [all(k.stage)]
    }),
    worker: one('fault worker', all(shape.faultWorker.pc)),
    rcu: one('rcu', all(shape.rcuCount), all(shape.rcuList)),
    frames: one('frames', ...frames.map(name => all(shape[name]))),
    held: one('held frames', ...translators, ...atcs, ...walkFrames),
    count: names.length,
    names,
    cells,
  }
}

const all = (column: Column): Cells => ({ column, from: 0, end: column.length })
const cell = (column: Column, i: number): Cells => ({ column, from: i, end: i + 1 })

/** Resources [from, end) of a kind. */
export const span = (of: ByNumber, from: number, end: number): Resource[] =>
  Array.from({ length: Math.max(0, end - from) }, (_, i) => of(from + i))
