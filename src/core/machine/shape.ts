import { LEVELS, type Level, type Vpn } from '../units.ts'
import { type Column, LayoutBuilder } from './cells.ts'
import { type FeatureColumns, featureColumns } from './feature-columns.ts'
import { type Features, threadsIn } from './features.ts'

/** How much of everything there is in one scenario; from this follows where each field lies. */
export interface Sizes {
  readonly frames: number
  /** Every virtual page that the scenario speaks of, address space by address space, ascending in each. */
  readonly pages: readonly Vpn[]
  /** By address space: one past its last page. The first is the app's. */
  readonly mmEnds: readonly number[]
  readonly regions: number
  readonly cpus: readonly { readonly tlb: number; readonly walkCache: number; readonly programLength: number }[]
  readonly devices: readonly {
    readonly actions: number
    readonly atc: number
    readonly group: number
    /** It may leave an Invalidate Request unanswered. */
    readonly timesOut?: boolean
  }[]
  readonly iotlb: number
  readonly iommuWalkCache: number
  readonly queue: number
  /** Longest list a gather can hold: data pages and table pages. */
  readonly gather: number
  readonly faultProgramLength: number
  /** Tables that can wait for a grace period at once; 0 where tables are not freed by RCU. */
  readonly rcu: number
  /** What the scenario needs of the machine that others can do without (features.ts). */
  readonly features: Features
}

/** A place in the tree where a page table can be: by its level and the first page it translates. */
export interface TablePlace {
  readonly id: number
  readonly level: Level
  readonly base: Vpn
  /** Place of the table that points here; -1 for a PGD. */
  readonly parent: number
  /** Modelled pages it translates: [firstPage, endPage) as page indices. */
  readonly firstPage: number
  readonly endPage: number
}

/** Where every field of a machine lies. Columns say in their names what they are indexed by. */
export interface Shape extends FeatureColumns {
  readonly sizes: Sizes
  readonly words: number
  readonly places: readonly TablePlace[]
  /** By page index: the places that a walk for it passes, root first. */
  readonly path: readonly (readonly number[])[]

  // By mm
  readonly mmapWriter: Column
  readonly mmapReaders: Column
  /** Gathers at work on this mm: mm->tlb_flush_pending. */
  readonly flushPending: Column

  // The mm
  /** By page: region + 1 of the VMA that covers it, 0 when none does. */
  readonly vma: Column
  /** By page: the PTE. 0 none, else (pfn + 1) << 2 | writable << 1 | dirty. */
  readonly pte: Column
  /** By place: pfn + 1 of the table that the parent's entry names. 0 none. A PGD is named by mm->pgd; place 0 is the app's. */
  readonly table: Column
  /** By place of level PTE: actor + 1 that holds its page-table lock. */
  readonly ptl: Column

  // Frames, by pfn
  readonly refcount: Column
  readonly mapcount: Column
  readonly use: Column
  /** What the frame is for: page index + 1 of a mapped or page-cache page, place + 1 of a table. */
  readonly purpose: Column
  readonly writer: Column
  /** 1 when its bytes, read as PTEs, name the frame of Setup.forgedTarget. */
  readonly forged: Column
  /** Free frames, the most recently freed last. */
  readonly freeList: Column
  readonly freeCount: Column

  // The notifier
  /** By mm. */
  readonly openPairs: Column
  /** By CPU × pages + page: cleared, and no range passed to the secondary TLB covers it yet (uncovered.ts). */
  readonly uncoveredPage: Column
  /** By place, likewise. */
  readonly uncoveredTable: Column
  /** Damage that has happened, one bit a rule (rules.ts). */
  readonly damage: Column

  readonly cpus: readonly CpuColumns[]
  /** By target × CPUs + initiator: a flush request waits. */
  readonly flushRequest: Column

  readonly iommu: IommuColumns
  readonly devices: readonly DeviceColumns[]
  readonly faultWorker: FaultWorkerColumns
  /** Tables that wait for a grace period, as pfn; and how many. */
  readonly rcuList: Column
  readonly rcuCount: Column
}

/** One translator: its TLB, its walk cache, the walk it has under way. */
export interface WalkerColumns {
  /** Oldest first. 0 none, else (page + 1) << (pfnBits + 1) | pfn << 1 | writable. A huge page: pages + place, and its first pfn (tlb.ts). */
  readonly tlb: Column
  /** Oldest first. 0 none, else (place + 1) << pfnBits | pfn: the place's table is in that frame. */
  readonly walkCache: Column
}

export interface WalkColumns {
  /** 0 none; 1..4 about to read the table of that level; LEAF_READ; what else an actor needs to remember. */
  readonly stage: Column
  /** Frame of the table about to be read, or of the page found. */
  readonly frame: Column
  /** Write permission found (and Dirty set). */
  readonly writable: Column
  /** Place + 1 when the leaf that was found is the entry of a PMD table. Only where there are huge pages. */
  readonly huge: Column
}

export interface CpuColumns extends WalkerColumns, WalkColumns {
  readonly pc: Column
  readonly cursor: Column
  // struct mmu_gather
  readonly gatherStart: Column
  readonly gatherEnd: Column
  readonly gatherCount: Column
  readonly gatherPages: Column
  /** By slot: pfn << 1 | is a table. */
  readonly gatherList: Column
  readonly freedTables: Column
  /** 0 no, 1 flush at the end of this page table, 2 batch full. */
  readonly forceFlush: Column
  readonly nested: Column
}

export interface IommuColumns extends WalkerColumns {
  /** The PASID entry: 0 none, 1 the empty table, 2 mm->pgd. */
  readonly root: Column
  /** Pairs that the empty-table driver counts. */
  readonly nesting: Column
  /** CPU + 1 that holds the driver's lock on the PASID, from the swap of the root until the flush after it is complete. */
  readonly pasidLock: Column
  // The invalidation queue, oldest first, by slot
  readonly queueCount: Column
  readonly queueStart: Column
  readonly queueEnd: Column
  readonly queueLeaf: Column
  readonly queueBy: Column
}

export interface DeviceColumns extends WalkColumns {
  readonly action: Column
  /** Page + 1 of the access under way, 0 between accesses. */
  readonly page: Column
}

export interface FaultWorkerColumns {
  readonly pc: Column
  /** Device it serves. */
  readonly device: Column
  readonly outcome: Column
}

export const LEAF_READ = 5
export const WAITING_FOR_CPU = 6
export const STOPPED = 7

/**
 * The places of all page tables that `pages` need, parents before children; place 0 is the app's PGD. `mmEnds`: where the pages
 * of each address space end.
 */
export function placesFor(
  pages: readonly Vpn[],
  mmEnds: readonly number[] = [pages.length],
): { places: TablePlace[]; path: number[][] } {
  const places: TablePlace[] = []
  const path: number[][] = pages.map(() => [])
  const byKey = new Map<string, number>()
  pages.forEach((vpn, page) => {
    const mm = mmEnds.findIndex(end => page < end)
    let parent = -1
    for (const [depth, level] of LEVELS.entries()) {
      const span = 512 ** (LEVELS.length - depth)
      const base = (level === 'PGD' ? 0 : Math.floor(vpn / span) * span) as Vpn
      const key = `${mm} ${level} ${base}`
      let id = byKey.get(key)
      if (id === undefined) {
        id = places.length
        byKey.set(key, id)
        places.push({ id, level, base, parent, firstPage: page, endPage: page + 1 })
      } else {
        places[id] = { ...(places[id] as TablePlace), endPage: page + 1 }
      }
      ;(path[page] as number[]).push(id)
      parent = id
    }
  })
  return { places, path }
}

/** Lays out a machine. Everything an actor owns begins in a word of its own. */
export function shapeOf(sizes: Sizes): Shape {
  const { places, path } = placesFor(sizes.pages, sizes.mmEnds)
  const mms = sizes.mmEnds.length
  const b = new LayoutBuilder()
  const pages = sizes.pages.length
  const threads = threadsIn(sizes.features)
  const actors = sizes.cpus.length + sizes.devices.length + 1 + threads
  const pfnBits = pfnBitsOf(sizes.frames)
  const longest = Math.max(pages, sizes.gather)
  const { huge } = sizes.features

  const walker = (name: string, tlb: number, walkCache: number): WalkerColumns => ({
    tlb: b.column(`${name} tlb`, tlb, 2 ** (bits(pages + (huge ? places.length : 0)) + pfnBits + 1) - 1),
    walkCache: b.column(`${name} walkCache`, walkCache, 2 ** (bits(places.length) + pfnBits) - 1),
  })
  const walk = (name: string): WalkColumns => ({
    stage: b.column(`${name} stage`, 1, 7),
    frame: b.column(`${name} frame`, 1, sizes.frames - 1),
    writable: b.column(`${name} writable`, 1, 1),
    huge: b.column(`${name} huge`, huge ? 1 : 0, places.length),
  })

  const cpus = sizes.cpus.map((cpu, i): CpuColumns => {
    b.region()
    const name = `cpu${i}`
    return {
      pc: b.column(`${name} pc`, 1, cpu.programLength),
      cursor: b.column(`${name} cursor`, 1, longest + 1),
      ...walk(name),
      gatherStart: b.column(`${name} gatherStart`, 1, pages),
      gatherEnd: b.column(`${name} gatherEnd`, 1, pages),
      gatherCount: b.column(`${name} gatherCount`, 1, sizes.gather),
      gatherPages: b.column(`${name} gatherPages`, 1, sizes.gather),
      freedTables: b.column(`${name} freedTables`, 1, 1),
      forceFlush: b.column(`${name} forceFlush`, 1, 2),
      nested: b.column(`${name} nested`, 1, 1),
      gatherList: b.column(`${name} gatherList`, sizes.gather, 2 * sizes.frames - 1),
      ...walker(name, cpu.tlb, cpu.walkCache),
    }
  })
  const devices = sizes.devices.map((device, i): DeviceColumns => {
    b.region()
    const name = `device${i}`
    return {
      action: b.column(`${name} action`, 1, device.actions),
      page: b.column(`${name} page`, 1, pages),
      ...walk(name),
    }
  })
  b.region()
  const faultWorker = {
    pc: b.column('faultWorker pc', 1, sizes.faultProgramLength),
    device: b.column('faultWorker device', 1, Math.max(1, sizes.devices.length)),
    outcome: b.column('faultWorker outcome', 1, 1),
  }
  b.region()
  const iommu: IommuColumns = {
    root: b.column('iommu root', 1, 2),
    nesting: b.column('iommu nesting', 1, sizes.cpus.length + 1),
    pasidLock: b.column('iommu pasidLock', 1, sizes.cpus.length),
    queueCount: b.column('iommu queueCount', 1, sizes.queue),
    queueStart: b.column('iommu queueStart', sizes.queue, pages),
    queueEnd: b.column('iommu queueEnd', sizes.queue, pages),
    queueLeaf: b.column('iommu queueLeaf', sizes.queue, 1),
    queueBy: b.column('iommu queueBy', sizes.queue, sizes.cpus.length),
    ...walker('iommu', sizes.iotlb, sizes.iommuWalkCache),
  }
  b.region()
  const rest = {
    mmapWriter: b.column('mmapWriter', mms, actors),
    mmapReaders: b.column('mmapReaders', mms, actors),
    flushPending: b.column('flushPending', mms, actors + 1),
    openPairs: b.column('openPairs', mms, actors),
    damage: b.column('damage', 1, 31),
    flushRequest: b.column('flushRequest', sizes.cpus.length ** 2, 1),
    vma: b.column('vma', pages, sizes.regions),
    pte: b.column('pte', pages, 2 ** (pfnBits + 2) - 1),
    table: b.column('table', places.length, sizes.frames),
    ptl: b.column('ptl', places.length, actors),
    uncoveredPage: b.column('uncoveredPage', sizes.cpus.length * pages, 1),
    uncoveredTable: b.column('uncoveredTable', places.length, 1),
    // Mappings, page cache, pin, what features hold, and a gather of each CPU that unmapped it and has not let go yet.
    refcount: b.column('refcount', sizes.frames, sizes.features.references + 2 + sizes.cpus.length),
    mapcount: b.column('mapcount', sizes.frames, sizes.features.sharers),
    use: b.column('use', sizes.frames, 5),
    purpose: b.column('purpose', sizes.frames, Math.max(pages, places.length)),
    writer: b.column('writer', sizes.frames, sizes.cpus.length + sizes.devices.length + threads),
    forged: b.column('forged', sizes.frames, 1),
    freeCount: b.column('freeCount', 1, sizes.frames),
    freeList: b.column('freeList', sizes.frames, sizes.frames - 1),
    rcuCount: b.column('rcuCount', 1, sizes.rcu),
    rcuList: b.column('rcuList', sizes.rcu, sizes.frames - 1),
  }
  const features = featureColumns(b, { ...sizes, places: places.length, pfnBits })
  return { sizes, words: b.words, places, path, ...rest, cpus, devices, faultWorker, iommu, ...features }
}

const bits = (max: number): number => Math.max(1, 32 - Math.clz32(max))

/** Bits of a frame number, with room for `pfn + 1`. */
export const pfnBitsOf = (frames: number): number => bits(frames)
