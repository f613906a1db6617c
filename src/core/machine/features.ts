import type { GpuSizes } from './gpu.ts'
import type { KvmSizes } from './kvm.ts'
import type { MirrorSizes } from './mirror.ts'

/**
 * What a scenario asks of the machine beyond the mm, the TLBs and the IOMMU that every scenario has. A machine without a feature
 * has no cell for it, so its states stay as small as they were. Which features a scenario has: scenarios/features-of.ts.
 */
export interface Features {
  /** How many page-table entries may name one frame at once. */
  readonly sharers: number
  /** References to a frame besides page cache, pin and gathers: at least one for each sharer. */
  readonly references: number
  /** Entries that are not present may say why: swapped out, migrating, PROT_NONE (soft-pte.ts). */
  readonly softPtes: boolean
  /** Protection may change page by page (protection.ts). */
  readonly protection: boolean
  /** VMAs are found from the side of a file, and files change their length (reverse-map.ts). */
  readonly reverseMaps: boolean
  /** It is kept which access the kernel has promised to be over: rule I6 (promises.ts). */
  readonly promises: boolean
  /** It is kept which frames have been copied or written out: rule I8 (contents.ts). */
  readonly contents: boolean
  /** A write to a page that others share, or that is write-protected, gets a copy (copying.ts). */
  readonly copyOnWrite: boolean
  /** A read fault on anonymous memory maps the zero page (Setup.zeroFrame). */
  readonly zeroPage: boolean
  /** The process forks: its child is not there from the start (forks.ts). */
  readonly forks: boolean
  /** Somebody changes protections through a userfaultfd: flushes may be pending while others fault (userfaultfd.ts). */
  readonly userfaultfd: boolean
  /** It is kept what pages hold and who has seen it: rule I7 (observations.ts). */
  readonly observations: boolean
  /** Flushes that unmapping through the reverse map puts off (tlb-batch.ts). */
  readonly batchedFlush: boolean
  /** Pages are isolated and locked, to be reclaimed or migrated (folios.ts). */
  readonly folios: boolean
  /** It is kept which pages somebody takes for clean by their Dirty bit: rule I8 (clean-pages.ts). */
  readonly cleanPages: boolean
  /** A stack may grow down while somebody else frees page tables: faults find the table and use it in two steps, rule I3. */
  readonly stackGrowth: boolean
  /** It is kept which IOTLB entries say that a page must not be written (tlb-denials.ts). */
  readonly denials: boolean
  /** By page: the page of the app whose PTE table it shares, or itself. Empty: no table is shared (shared-tables.ts). */
  readonly sharedTables: readonly number[]
  /** VMs whose memory is the app's (kvm.ts). */
  readonly kvms: readonly KvmSizes[]
  /** Drivers that mirror pages of the app under an interval notifier (mirror.ts). */
  readonly mirrors: readonly MirrorSizes[]
  /** GPUs that have page tables of their own and references to what they map (gpu.ts). */
  readonly gpus: readonly GpuSizes[]
  /** One entry of a PMD table may map all pages below it (huge-page.ts). */
  readonly huge: boolean
  /** Software walks page tables without locks (gup-fast.ts). */
  readonly gupFast: boolean
  /** Pages that GUP-fast has found are pinned, for DMA (pins.ts). */
  readonly pins: boolean
  /** … and so many regions are copied by fork() meanwhile. */
  readonly forkRegions: number
  /** Page tables are taken out through the file that they map (retracted.ts). */
  readonly retracts: boolean
  /** Page tables may move to another address whole (moved-table.ts). */
  readonly tableMoves: boolean
  /** Devices keep translations of their own (ats.ts). */
  readonly ats: boolean
  /** … and some may leave an Invalidate Request unanswered. */
  readonly atcTimeouts: boolean
  /** CPUs load another mm and come back, or run kernel threads in between (loaded-mm.ts). */
  readonly switching: boolean
  /** A start() that must not block may be refused (refusals.ts). */
  readonly refusals: boolean
  /** Flushes have generations, and so many can be asked for; 0 where nobody looks at them (tlb-gens.ts). */
  readonly flushes: number
  /** … and it is kept which of them a CPU owes: rule I16. */
  readonly generations: boolean
  /** Slots of the page request queue; 0 where page requests wait in no queue (page-requests.ts). */
  readonly prq: number
  /** More than one address space is known to devices, or a PASID is unbound (pasids.ts). */
  readonly pasids: boolean
  /** How many consumers there are, where some come or go; else 0 (subscriptions.ts). */
  readonly comingSubscribers: number
  /** It is kept which entries and which frames walkers have written: Accessed bits (accessed.ts). */
  readonly accessed: boolean
}

export const NO_FEATURES: Features = {
  sharers: 1,
  references: 1,
  softPtes: false,
  protection: false,
  reverseMaps: false,
  promises: false,
  contents: false,
  batchedFlush: false,
  folios: false,
  copyOnWrite: false,
  zeroPage: false,
  forks: false,
  userfaultfd: false,
  observations: false,
  cleanPages: false,
  stackGrowth: false,
  denials: false,
  sharedTables: [],
  kvms: [],
  mirrors: [],
  gpus: [],
  huge: false,
  gupFast: false,
  pins: false,
  forkRegions: 0,
  retracts: false,
  tableMoves: false,
  switching: false,
  flushes: 0,
  generations: false,
  accessed: false,
  ats: false,
  atcTimeouts: false,
  refusals: false,
  prq: 0,
  pasids: false,
  comingSubscribers: 0,
}

/** Those who run the code of consumers: vCPUs, drivers. They take locks and write memory, as tasks do. */
export const threadsIn = ({ kvms, mirrors, gpus }: Features): number =>
  [...kvms, ...mirrors, ...gpus].reduce((sum, { threads }) => sum + threads.length, 0)

/** Does the machine have anything that not every machine has? */
export const hasFeatures = (features: Features): boolean =>
  Object.entries(NO_FEATURES).some(([name, none]) => {
    const has = features[name as keyof Features]
    return Array.isArray(has) ? has.length > 0 : has !== none
  })
