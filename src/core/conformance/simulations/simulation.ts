import type { Policy } from '../../policy/policy.ts'
import type { Circumstances } from '../../scenarios/initial-state.ts'
import type { CpuAction, Region, Scenario } from '../../scenarios/scenario.ts'
import type { EntryBits, OperationName, RecordedOperation } from '../../trace/operation.ts'
import { PLAIN_PAGE } from '../../trace/pages-by-zap.ts'
import { TABLE_SPAN } from '../../trace/tables.ts'
import { asVpn, hexAddr, type PageRange, tableBase, type Vpn } from '../../units.ts'
import type { SimulatedStep } from '../simulated.ts'

/** How operations of some kinds are simulated. One file a kind, one line in index.ts. */
export interface Simulation {
  readonly of: readonly OperationName[]
  /** Circumstances that the machine cannot be brought into, as the end of a sentence; null when there are none. */
  readonly whyNot: (operation: RecordedOperation) => string | null
  /** The memory it works on, and what its task does. */
  readonly regions: (operation: RecordedOperation) => readonly Region[]
  readonly script: (operation: RecordedOperation, regions: readonly Region[]) => readonly CpuAction[]
  /** Entries of the TLB that its task needs to get anything done; absent: none. */
  readonly tlb?: number
  /** Page tables that are there besides those of its own mappings. */
  readonly tables?: (operation: RecordedOperation) => Circumstances['emptyTables']
  /** Bits of the entries, where they matter; absent: those of a page that has been written. */
  readonly entries?: (operation: RecordedOperation) => Circumstances['entries']
  /** What the machine does in other words than a recording. */
  readonly after?: (
    steps: readonly SimulatedStep[],
    operation: RecordedOperation,
    policy: Policy,
  ) => readonly SimulatedStep[]
}

/** Pages of address space that are modelled one by one: 1 GiB. */
export const MOST_PAGES = 2 ** 18

/** Why not, for reasons that any kind of operation may have. */
export function whyNotAtAll(operation: RecordedOperation): string | null {
  const pages = operation.vmas.reduce((sum, v) => sum + v.end - v.start, 0)
  if (pages > MOST_PAGES)
    return `it is about ${pages} pages of address space, and no more than ${MOST_PAGES} are simulated`
  if (operation.pagesKnown === 'unknown')
    return 'nothing in the recording tells which pages were mapped (reports at start(), faults, probes on single pages, frees)'
  return null
}

/** Why not, of what unmaps pages through the reverse map. */
export function whyNotUnmapped({ cpusChange, splitsHugePage }: RecordedOperation): string | null {
  if (splitsHugePage) return 'it splits a huge page first, and takes its parts one by one'
  return cpusChange
    ? 'other CPUs come to run the process in its course, or leave it, so that some of its flushes are put off and some are not'
    : null
}

/** All tables known to have been there, so that those with nothing mapped under them are there too. */
export function tablesThere(operation: RecordedOperation): Circumstances['emptyTables'] {
  return operation.tables.present.flatMap(({ level, vpn }) => {
    const vma = operation.vmas.find(v => v.start < vpn + TABLE_SPAN[level] && v.end > vpn)
    return vma === undefined ? [] : [{ level, vpn: asVpn(Math.max(vma.start, vpn)) }]
  })
}

/** Regions that stand for the mappings of the operation are `buf0`, `buf1`, … */
export const BUF = 'buf'

/** The recorded operation as a scenario: its regions, and a CPU that does it. */
export function scenarioOf(operation: RecordedOperation, { regions: of, script, tlb = 0 }: Simulation): Scenario {
  const regions = of(operation)
  const pages = regions.reduce((sum, r) => sum + r.pages, 0)
  return {
    format: 1,
    id: 'recorded',
    title: 'A recorded operation',
    purpose: '',
    lookFor: '',
    bugs: [],
    memory: { frames: 2 * pages + Math.ceil(pages / 512) * 3 + 16 + 6 * regions.length, regions },
    cpus: [
      { task: 'app', tlb, walkCache: 0, script: script(operation, regions) },
      ...operation.otherCpus.map(other => ({
        task: 'app' as const,
        tlb: 0,
        walkCache: 0,
        lazy: other.state === 'lazy',
        script: [],
      })),
    ],
    // A subscriber that caches nothing: what is compared is when it is told.
    devices: [{ name: 'subscriber', script: [] }],
    iommu: { iotlb: 0, walkCache: 0, queue: 2 },
    batchSize: operation.gather.onStack + operation.gather.perBatch * operation.gather.batches,
    switches: {},
    breaks: [],
  }
}

/** One region a VMA. What was mapped in it when the call came is taken from the recording. */
export function mappedRegions(operation: RecordedOperation): Region[] {
  if (operation.vmas.length === 0) return [nothingMapped(operation.range)]
  return operation.vmas.map((vma, i) => {
    const own = operation.pages.filter(p => p.vpn >= vma.start && p.vpn < vma.end)
    return {
      name: `${BUF}${i}`,
      at: hexAddr(vma.start),
      pages: vma.end - vma.start,
      kind: own.some(p => p.dirtyFile) ? 'file' : 'anon',
      protection: 'rw',
      present: own.map(p => p.vpn - vma.start),
      pinned: own.filter(p => p.otherReferences > 0 && !p.dirtyFile && p.partOf === null).map(p => p.vpn - vma.start),
    }
  })
}

const nothingMapped = (range: PageRange): Region => ({
  name: `${BUF}0`,
  at: hexAddr(range.start),
  pages: range.end - range.start,
  kind: 'anon',
  protection: 'rw',
  present: 'none',
  unmapped: true,
})

/** The mappings on either side, which decide what page tables stay and whether the mmap lock may be downgraded. */
export function neighbours(operation: RecordedOperation): Region[] {
  const { bounds } = operation.tables
  const floor = Math.min(...bounds.map(b => b.floor))
  const ceiling = Math.max(...bounds.map(b => b.ceiling))
  const found: Region[] = []
  const page = (name: string, vpn: number, growsDown: boolean): void => {
    found.push({ name, at: hexAddr(vpn as Vpn), pages: 1, kind: 'anon', protection: 'rw', present: 'none', growsDown })
  }
  const inside = (vpn: number): boolean => operation.vmas.some(v => vpn >= v.start && vpn < v.end)
  if (Number.isFinite(floor) && floor > 0 && !inside(floor - 1)) page('below', floor - 1, false)
  if (Number.isFinite(ceiling) && ceiling > 0 && !inside(ceiling)) page('above', ceiling, !operation.mayDowngrade)
  return found
}

/**
 * The tables over a range that were there. Of each level as many were not as were made in the course of the operation: the last
 * ones, for the probes do not name their addresses.
 */
export function tablesNotMade({ tables }: RecordedOperation, range: PageRange): Circumstances['emptyTables'] {
  return (['PUD', 'PMD', 'PTE'] as const).flatMap(level => {
    const needed: Vpn[] = []
    for (let base = tableBase(level, range.start); base < range.end; base = asVpn(base + TABLE_SPAN[level]))
      needed.push(asVpn(Math.max(base, range.start)))
    const made = tables.made.filter(t => t.level === level).length
    return needed.slice(0, Math.max(0, needed.length - made)).map(vpn => ({ level, vpn }))
  })
}

/**
 * Entries of these pages as start() reports them. One not reported is taken to be what is flushed if something was: dirty, and as
 * writable as given; if nothing was, as writable as the first that is reported.
 */
export function entriesOf(
  { pages, flushes }: RecordedOperation,
  writable: boolean,
): ({ readonly vpn: Vpn } & EntryBits)[] {
  const reported = pages.find(p => p.entry !== null)?.entry?.writable ?? writable
  const otherwise: EntryBits = { writable: flushes ? writable : reported, dirty: flushes, accessed: flushes }
  return pages.map(({ vpn, entry }) => ({ vpn, ...(entry ?? otherwise) }))
}

/** The operation with these pages mapped, of which nothing else is known. */
export function withPages(operation: RecordedOperation, vpns: readonly Vpn[]): RecordedOperation {
  const page = { ...PLAIN_PAGE, pfn: null, otherReferences: 0 }
  return { ...operation, pages: vpns.map(vpn => ({ ...page, vpn })), pagesKnown: 'all' }
}

/**
 * Of an operation that has a pair for each page: all in one mapping. Where nothing else tells the pages, the pairs do (read off). Other
 * references are dropped before it begins, lru_add_drain(). A flush within a pair says nothing about files here.
 */
export function pageByPage(operation: RecordedOperation): RecordedOperation {
  const { pages, vmas, range } = operation
  const all =
    pages.length > 0
      ? operation
      : withPages(
          operation,
          vmas.map(v => v.start),
        )
  return {
    ...all,
    vmas: [range],
    pages: all.pages.map(p => ({ ...p, otherReferences: 0, dirtyFile: p.entry !== null && p.dirtyFile })),
  }
}
