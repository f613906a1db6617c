import type { SimEvent } from '../machine/event.ts'
import type { OperationName, RecordedOperation } from '../trace/operation.ts'
import type { ActorEvent, TimedEvent } from '../trace/timed.ts'
import { flushesAlone, idleAtTimes, withoutAsking, withoutIdle, withoutNewExtents } from './flushes.ts'
import { namedAsRecorded, tablesOfUncopied, withoutTablesOf, withoutUncopied } from './fork.ts'

/** A recorded operation and its simulation, event by event, before their phases are named. */
export interface Sides {
  readonly recorded: readonly TimedEvent[]
  readonly simulated: readonly ActorEvent[]
}

/**
 * A difference between a recorded operation and its simulation that is meant to be there. None is silent: what is listed here is
 * shown beside the verdict wherever it was made use of, and stands in docs/conformance.md (differences.test.ts).
 */
export interface Difference {
  readonly id: string
  readonly what: string
  readonly why: string
  readonly operations: readonly OperationName[]
  /** A shipped recording that shows it; null: none is at hand. */
  readonly recording: string | null
  /** Whether it is of any account for this operation. */
  readonly concerns: (operation: RecordedOperation, sides: Sides) => boolean
  /** Takes the difference out of both sides; absent where the simulation has already been brought to the recording's words. */
  readonly without?: (sides: Sides, operation: RecordedOperation) => Sides
}

const type =
  (...types: readonly SimEvent['type'][]) =>
  ({ event }: ActorEvent): boolean =>
    types.includes(event.type)

const UNMAPS: readonly OperationName[] = ['munmap', 'brk', 'madvise']

/** Every one of them. */
export const differences: readonly Difference[] = [
  {
    id: 'huge-page',
    what: 'A huge page is one page in the machine, and the PTE table over it does not count; one that was split is as many as it has parts, each a reference.',
    why: 'The machine has pages of one size. Order and number of the phases do not depend on it but where release_pages() (up to 6.8) frees compound pages ahead of the others, which is put in (huge-pages.ts).',
    operations: [...UNMAPS, 'mprotect'],
    recording: 'thp_split',
    concerns: ({ name, pages }) =>
      (UNMAPS.includes(name) && pages.some(p => p.order === 9 || p.partOf !== null)) ||
      (name === 'mprotect' && pages.some(p => p.order === 9)),
  },
  {
    id: 'huge-fault',
    what: 'A fault of the machine brings in one page; one that brings in a huge page is simulated as such, and its page and PTE table change places.',
    why: 'The PTE table is kept for a split, and taken when the page is there; that order is put in (huge-faults.ts).',
    operations: ['fault'],
    recording: 'thp_dontneed',
    concerns: o => o.argument?.type === 'touched' && o.argument.pages.some(p => p.order === 9),
  },
  {
    id: 'file-cut',
    what: 'Pages of a file that is cut short are freed by the page cache when they have been unmapped; in the machine the page cache keeps them. That is left out on the recorded side, where it comes after the gather was emptied.',
    why: 'Nobody maps them any more: truncate_inode_pages_range(), mm/truncate.c. That nothing is freed too early is promised apart.',
    operations: ['madvise'],
    recording: 'truncate4',
    concerns: (o, { recorded }) =>
      o.name === 'madvise' && o.pages.some(p => p.ofFile) && withoutCut(recorded).length < recorded.length,
    without: ({ recorded, simulated }) => ({ recorded: withoutCut(recorded), simulated }),
  },
  {
    id: 'delayed-rmap',
    what: 'From 6.2 on a dirty page of a file keeps its mapping count until the flush that it forces; the machine drops it with the entry, and the event is moved.',
    why: 'What a device can reach does not depend on the count (delayed-rmap.ts).',
    operations: UNMAPS,
    recording: 'k612-munmap_shared_dirty',
    concerns: o => UNMAPS.includes(o.name) && o.kernel === '6.12' && o.pages.some(p => p.dirtyFile),
  },
  {
    id: 'exit-call',
    what: 'The simulated exit is a call that returns; exit_group() does not, and a process that is killed makes no call.',
    why: 'A script has to come to its end. The entry and the return of the call are left out on both sides.',
    operations: ['exit'],
    recording: 'exit_live',
    concerns: o => o.name === 'exit',
    without: ({ recorded, simulated }) => {
      const calls = type('syscall-entered', 'syscall-returned')
      return { recorded: recorded.filter(e => !calls(e)), simulated: simulated.filter(e => !calls(e)) }
    },
  },
  {
    id: 'mremap-unmaps',
    what: 'What mremap() unmaps in its course, the emptied old range or what was in the way of the new one, and mmap() with MAP_FIXED, is compared by itself, as a munmap() without entry, return and downgrade of the lock; the simulated move takes the old range out of the VMA tree and is done.',
    why: 'It is do_munmap() that does it, with a pair and a gather of its own.',
    operations: ['munmap'],
    recording: 'mremap4',
    concerns: o => o.name === 'munmap' && o.inCall !== null,
    without: ({ recorded, simulated }) => {
      const call = type('syscall-entered', 'syscall-returned', 'mmap-lock-downgraded')
      return { recorded: recorded.filter(e => !call(e)), simulated: simulated.filter(e => !call(e)) }
    },
  },
  {
    id: 'mremap-tables',
    what: 'The page tables of the new place are made before start() in the machine, and one by one after it in the kernel, or none are where whole tables are moved as they are.',
    why: 'Nothing is reachable through them yet. They are left out on both sides if they are as many, or if tables are moved (move_normal_pmd(), mm/mremap.c).',
    operations: ['mremap'],
    recording: 'large/stress-5m',
    concerns: (o, { recorded, simulated }) => {
      const made = recorded.filter(type('table-allocated')).length
      const its = simulated.filter(type('table-allocated')).length
      return made + its > 0 && (made === its || movesTables(o))
    },
    without: ({ recorded, simulated }) => {
      const made = type('table-allocated')
      return { recorded: recorded.filter(e => !made(e)), simulated: simulated.filter(e => !made(e)) }
    },
  },
  {
    id: 'mremap-extents',
    what: 'The kernel moves as many entries at once as lie in one page table of the old place and in one of the new; the machine as lie in one of the old.',
    why: 'Each stretch ends with a flush of its own (get_extent(), mm/mremap.c): of those in one table of the old place only the first is kept, where the others begin a table of the new place.',
    operations: ['mremap'],
    recording: 'large/stress-5m',
    concerns: (operation, { recorded }) => withoutNewExtents(recorded, operation).length < recorded.length,
    without: ({ recorded, simulated }, operation) => ({
      recorded: withoutNewExtents(recorded, operation),
      simulated: withoutNewExtents(simulated, operation),
    }),
  },
  {
    id: 'cpu-left',
    what: 'A CPU that answers the first flush of an operation in lazy mode leaves the address space, and later flushes do not ask it; in the machine a CPU stays.',
    why: 'Which CPUs run the process is a circumstance of the whole operation. Asking them again is left out on the simulated side for flushes that asked nobody.',
    operations: [
      'munmap',
      'brk',
      'madvise',
      'madvise-free',
      'mprotect',
      'mremap',
      'madvise-pageout',
      'migrate',
      'reclaim',
    ],
    recording: 'large/stress-5m',
    concerns: (_, { recorded }) => flushesAlone(recorded).size > 0,
    without: withoutAsking,
  },
  {
    id: 'zero-page',
    what: 'A write to the zero page is simulated as one to a page shared with a child: the mapping count that the machine then drops is left out on its side.',
    why: 'The zero page has no mapping count, and here the machine is run without it.',
    operations: ['cow'],
    recording: 'dontneed8',
    concerns: o => o.pages.some(p => p.zeroPage),
    without: ({ recorded, simulated }) => ({ recorded, simulated: simulated.filter(e => !type('rmap-removed')(e)) }),
  },
  {
    id: 'clear-refs-call',
    what: 'What is written to clear_refs is recorded without entry and return; those of the simulated call are left out.',
    why: 'It is a write() to a file in /proc, and the recordings have none of it.',
    operations: ['clear-refs'],
    recording: 'softdirty',
    concerns: o => o.name === 'clear-refs',
    without: ({ recorded, simulated }) => {
      const calls = type('syscall-entered', 'syscall-returned')
      return { recorded, simulated: simulated.filter(e => !calls(e)) }
    },
  },
  {
    id: 'pageout-accessed',
    what: 'MADV_PAGEOUT first clears Accessed of every page, and flushes that at its very end, through a gather; reclaim asks notifiers whether a page was accessed. Both are left out on the recorded side.',
    why: 'The machine keeps no Accessed. What is unmapped has been flushed before.',
    operations: ['madvise-pageout', 'reclaim'],
    recording: 'pageout4',
    concerns: o => o.name === 'madvise-pageout' || o.name === 'reclaim',
    without: ({ recorded, simulated }) => ({
      recorded: withoutAccessed(recorded),
      simulated: withoutAccessed(simulated),
    }),
  },
  {
    id: 'swap-cache-page',
    what: 'The kernel may allocate a page while it writes pages to swap; that is left out on the recorded side.',
    why: 'It is memory of the kernel’s own, for the swap cache or the device. The machine has none.',
    operations: ['madvise-pageout', 'reclaim'],
    recording: 'pageout4',
    concerns: (_, { recorded }) => recorded.some(type('page-allocated')),
    without: ({ recorded, simulated }) => ({
      recorded: recorded.filter(e => !type('page-allocated')(e)),
      simulated: simulated.filter(e => !type('page-allocated')(e)),
    }),
  },
  {
    id: 'rmap-count',
    what: 'Unmapping through the reverse map drops the mapping count when the PTE has been flushed and replaced; the machine drops it with the PTE, and the event is moved.',
    why: 'What a device can reach does not depend on the count, and the page-table lock is held throughout (rmap-unmapping.ts).',
    operations: ['madvise-pageout', 'reclaim', 'migrate'],
    recording: 'move_pages4',
    concerns: o => ['madvise-pageout', 'reclaim', 'migrate'].includes(o.name),
  },
  {
    id: 'migrate-calls',
    what: 'move_pages() of several pages is simulated as a call for each; only the first is entered and only the last returns, under the name of the recorded one.',
    why: 'The machine migrates one page at a time, as 6.1 does within the call. mbind() and migrate_pages() do the same with the memory: migrate_pages(), mm/migrate.c.',
    operations: ['migrate'],
    recording: 'move_pages4',
    concerns: o => o.name === 'migrate',
    without: namedAsRecorded,
  },
  {
    id: 'migrate-batch',
    what: 'From 6.3 on all pages of a batch are unmapped, then flushed if that was put off, then moved; the machine moves each page before it comes to the next. What it does before each copy is put ahead of what it does from the copy on, and of the flushes that were put off the last one is kept.',
    why: 'migrate_pages_batch(), mm/migrate.c. Within each of the two halves the order is the machine’s (migrate-batch.ts).',
    operations: ['migrate'],
    recording: 'k612-move_pages4',
    concerns: o => o.name === 'migrate' && o.kernel === '6.12' && o.vmas.length > 1,
  },
  {
    id: 'migrate-target',
    what: 'Who compacts memory takes frames that it has isolated before; in the machine they are allocated, and that is left out.',
    why: 'compaction_alloc(), mm/compaction.c.',
    operations: ['migrate'],
    recording: null,
    concerns: (o, { recorded }) => o.name === 'migrate' && !recorded.some(type('page-allocated')),
    without: ({ recorded, simulated }) => ({ recorded, simulated: simulated.filter(e => !type('page-allocated')(e)) }),
  },
  {
    id: 'collapse-pages',
    what: 'Of a collapse the mapping counts of the small pages are left out on the recorded side: the machine drops them as it frees the pages. The call takes the name of the recorded one; the allocation of the huge page is left out where the recording has none.',
    why: 'khugepaged allocates the huge page before it is known for whom. Nobody can reach the small pages any more when they are copied: __collapse_huge_page_copy(), mm/khugepaged.c. Frees come in batches of the LRU, in between.',
    operations: ['collapse'],
    recording: 'k612-collapse_few',
    concerns: o => o.name === 'collapse',
    without: sides => {
      const { recorded, simulated } = namedAsRecorded(sides)
      const own = recorded.some(type('page-allocated')) ? simulated : simulated.filter(e => !type('page-allocated')(e))
      return { recorded: recorded.filter(e => !type('rmap-removed')(e)), simulated: own }
    },
  },
  {
    id: 'ksm-parts',
    what: 'ksmd protects a page when it first meets one with the same contents, and protects and replaces the others one by one; the machine merges two pages in one go. Of its three pairs the recording has the first, or the other two, and only those are compared.',
    why: 'The trees of ksmd are not modelled: which pages it takes when is a circumstance (try_to_merge_with_ksm_page(), mm/ksm.c).',
    operations: ['ksm'],
    recording: 'k612-ksm4',
    concerns: o => o.name === 'ksm',
  },
  {
    id: 'free-accessed',
    what: 'MADV_FREE clears Accessed and Dirty; the machine has only Dirty, and an entry that has either is taken to be dirty.',
    why: 'Either is reason enough to change the entry and to flush it. At end() the machine tells of neither.',
    operations: ['madvise-free'],
    recording: 'free8',
    concerns: o => o.name === 'madvise-free',
  },
  {
    id: 'split-count',
    what: 'In 6.12 a split drops the mapping count of the huge page as a whole, once the table is in place; that is left out on the recorded side.',
    why: 'The machine counts the mappings of each page from the start (folio_remove_rmap_pmd(), mm/rmap.c).',
    operations: ['thp-split'],
    recording: 'k612-thp_split',
    concerns: (o, { recorded }) => o.kernel === '6.12' && recorded.some(type('rmap-removed')),
    without: ({ recorded, simulated }) => ({
      recorded: recorded.filter(e => !type('rmap-removed')(e)),
      simulated: simulated.filter(e => !type('rmap-removed')(e)),
    }),
  },
  {
    id: 'fork-call',
    what: 'The simulated call is named fork; the C library calls clone(), clone3() or vfork(), whose name it takes.',
    why: 'What each of them does with the memory is dup_mmap(), kernel/fork.c.',
    operations: ['fork'],
    recording: 'fork_cow3',
    concerns: (_, { recorded }) => recorded.some(({ event: e }) => e.type === 'syscall-entered' && e.name !== 'fork'),
    without: namedAsRecorded,
  },
  {
    id: 'fork-left-to-faults',
    what: 'copy_page_range() is entered for every mapping and returns at once where faults of the child will bring the pages back; the machine has only those mappings of which notifiers are told. The others are left out on the recorded side, and on both the page tables that the child got for them.',
    why: 'Nothing of the parent is changed there: vma_needs_copy(), mm/memory.c. What is copied without telling anybody, the pages of the vDSO, is nobody’s to write.',
    operations: ['fork'],
    recording: 'fork_cow3',
    concerns: (_, { recorded }) => withoutUncopied(recorded).length < recorded.length,
    without: ({ recorded, simulated }) => ({
      recorded: withoutUncopied(recorded),
      simulated: withoutTablesOf(tablesOfUncopied(recorded), withoutUncopied(simulated)),
    }),
  },
  {
    id: 'cow-last',
    what: 'The old frame of a copy on write is freed at once if nobody else has it any more; in the machine a child has it. Its going is left out on the recorded side, where it comes after end().',
    why: 'The copy was made for a reference that was short-lived, or of a sharer that went meanwhile: wp_page_copy(), mm/memory.c. That nothing is freed too early is promised apart.',
    operations: ['cow'],
    recording: 'k612-munmap_pinned',
    concerns: (_, { recorded }) => withoutLastFree(recorded).length < recorded.length,
    without: ({ recorded, simulated }) => ({ recorded: withoutLastFree(recorded), simulated }),
  },
  {
    id: 'kernel-fault',
    what: 'A write fault of the kernel itself, as it writes to user memory, is recorded without page_fault_user; the fault is left out on the simulated side.',
    why: 'The machine writes as a program does. What follows is the same.',
    operations: ['cow'],
    recording: 'fork_cow3',
    concerns: (_, { recorded }) => !recorded.some(type('fault-taken')),
    without: ({ recorded, simulated }) => ({ recorded, simulated: simulated.filter(e => !type('fault-taken')(e)) }),
  },
  {
    id: 'cpu-idle',
    what: 'A CPU may be in lazy mode at one flush of an operation and not at another; in the machine it is or is not. Its answers to the flushes that it did not answer are left out on the simulated side.',
    why: 'What a CPU does meanwhile is a circumstance. That it was asked is compared.',
    operations: [
      'munmap',
      'brk',
      'madvise',
      'madvise-free',
      'mremap',
      'mprotect',
      'madvise-pageout',
      'migrate',
      'reclaim',
      'exit',
    ],
    recording: 'two_threads',
    concerns: (o, { recorded }) => idleAtTimes(recorded, o).length > 0,
    without: withoutIdle,
  },
]

/** Old and new place begin with a page table, and there is a whole one to move. */
const movesTables = ({ range, argument }: RecordedOperation): boolean =>
  argument?.type === 'target' &&
  (range.start - argument.range.start) % 512 === 0 &&
  Math.floor(range.end / 512) > Math.ceil(range.start / 512)

/** Without pages freed after the last gather was emptied, where it had none to free: nothing was flushed after it. */
function withoutCut<E extends ActorEvent>(events: readonly E[]): E[] {
  const last = events.findLastIndex(type('tlb-finish-started'))
  const flushed = events.findLastIndex(type('cpu-flush-started'))
  return last < 0 || flushed > last ? [...events] : events.filter((e, i) => i < last || !type('page-freed')(e))
}

/** Without pages freed after the last end(). */
function withoutLastFree<E extends ActorEvent>(events: readonly E[]): E[] {
  const end = events.findLastIndex(type('invalidate-range-ended'))
  return events.filter((e, i) => end < 0 || i < end || !type('page-freed')(e))
}

/** Without what clears Accessed, and without the flush of that at the very end. */
function withoutAccessed<E extends ActorEvent>(events: readonly E[]): E[] {
  const young = type('young-cleared')
  const last = events.findLastIndex(type('tlb-finish-started'))
  const first = events.findIndex(type('invalidate-range-started'))
  const flush = (e: ActorEvent): boolean =>
    !type('syscall-returned')(e) && !type('page-freed')(e) && !type('invalidate-range-ended')(e)
  // Entries are looked at first, for which a flush that was put off earlier is made good.
  const flushed = type('cpu-flush-started', 'ipi-sent', 'cpu-tlb-flushed', 'secondary-tlb-invalidate-called')
  const written = ({ event }: ActorEvent): boolean =>
    event.type === 'kernel-function-entered' && event.name === 'swap_writepage'
  const before = (e: ActorEvent): boolean => flushed(e) || written(e)
  return events.filter((e, i) => !young(e) && !(last >= 0 && i >= last && flush(e)) && !(i < first && before(e)))
}

/** Both sides without the differences that are meant, and which of these there were. */
export function withoutDifferences(
  operation: RecordedOperation,
  sides: Sides,
): { readonly sides: Sides; readonly made: readonly Difference[] } {
  const made = differences.filter(d => d.operations.includes(operation.name) && d.concerns(operation, sides))
  return { sides: made.reduce((both, d) => d.without?.(both, operation) ?? both, sides), made }
}
