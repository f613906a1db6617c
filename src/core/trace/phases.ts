import type { SimEvent } from '../machine/event.ts'
import type { FurtherEvent } from '../machine/events/further.ts'
import type { ActorEvent } from './timed.ts'

/** What the kernel calls the secondary-TLB invalidate: invalidate_range up to 6.5, the longer name from 6.6. */
export type SecondaryName = 'invalidate_range' | 'arch_invalidate_secondary_tlbs'

/** One phase of an operation, with the events it stands for. */
export interface Phase {
  readonly name: string
  /** Index of its first event. */
  readonly at: number
}

/** Functions that are phases by being entered. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  do_wp_page: 'wp_fault',
  wp_page_copy: 'cow_copy',
  do_swap_page: 'swap_in',
  swap_writepage: 'swap_out',
  ptep_clear_flush: 'ptep_clear_flush',
  pmdp_invalidate: 'pmdp_invalidate',
  pmdp_huge_clear_flush: 'pmdp_huge_clear_flush',
  pmdp_collapse_flush: 'pmdp_collapse_flush',
  move_page_tables: 'move_ptes',
  change_protection: 'change_prot',
  copy_page_range: 'copy_ptes',
  __split_huge_pmd: 'split_pmd',
  try_to_unmap: 'try_to_unmap',
  try_to_migrate: 'try_to_migrate',
  set_migration_pte: 'migration_entry',
  remove_migration_pte: 'migration_restore',
  exit_mmap: 'exit_mmap',
}

/** Functions of which entering is a phase. */
export const functionPhases: readonly string[] = Object.keys(FUNCTIONS)

/** Whether entering this function is a phase. */
export const isFunctionPhase = (name: string): boolean => name in FUNCTIONS

/** A larger count would be a misreading or a bug: one event concerns at most the pages of one page table. */
const MAX_REPEATS = 512

/**
 * What happened, in the words of the recordings' own tables of contents: `sys:munmap`, `start(UNMAP)`, `zap`,
 * `unmap+gather`, `end`, `cpu_flush`, `free_pages`, … One event is one phase, with these exceptions:
 *
 * - a page whose mapping count is dropped and which the same task queues next is one `unmap+gather`, a page table taken
 *   out and queued next one `unlink+gather_table`, both where the first of the two happened;
 * - an event that names several pages of a folio is that many phases;
 * - locks, single page-table writes, walks and whatever devices do are no phases.
 *
 * The same function is applied to the simulation: that is what makes the two comparable.
 */
export function phasesOf(events: readonly ActorEvent[], secondary: SecondaryName = 'invalidate_range'): Phase[] {
  const phases: Phase[] = []
  /** The phase still open to be joined by the next event of the same task, by task. */
  const joinable = new Map<number, { readonly index: number; readonly event: SimEvent }>()

  events.forEach(({ event, who }, at) => {
    const earlier = joinable.get(who)
    const joined = earlier === undefined ? null : joinedName(earlier.event, event)
    if (earlier !== undefined && joined !== null) {
      for (let i = earlier.index; i < phases.length && phases[i]?.at === phases[earlier.index]?.at; i++) {
        const phase = phases[i]
        if (phase !== undefined) phases[i] = { name: joined, at: phase.at }
      }
      joinable.delete(who)
      return
    }
    const name = phaseName(event, secondary)
    if (name === null) return
    joinable.set(who, { index: phases.length, event })
    const repeats = Math.min(repeatsOf(event), MAX_REPEATS)
    for (let i = 0; i < repeats; i++) phases.push({ name, at })
  })
  return phases
}

/** The name of two events that are one phase, or null. */
function joinedName(first: SimEvent, second: SimEvent): string | null {
  if (first.type === 'rmap-removed' && second.type === 'page-gathered' && first.pfn === second.pfn)
    return 'unmap+gather'
  if (first.type === 'table-unlinked' && second.type === 'table-gathered') return 'unlink+gather_table'
  return null
}

function repeatsOf(event: SimEvent): number {
  switch (event.type) {
    case 'rmap-removed':
    case 'page-gathered':
    case 'tables-queued-for-rcu':
      return event.count
    default:
      return 1
  }
}

const ordered = (name: string, order: number): string => (order === 0 ? name : `${name}(order=${order})`)

/** Events of the families in core/machine/events have no counterpart in recordings but those that phaseName() names. */
const ofFamily = (_: FurtherEvent): null => null

/** The phase an event is, on its own; null for those that are none. */
export function phaseName(event: SimEvent, secondary: SecondaryName): string | null {
  switch (event.type) {
    case 'syscall-entered':
      return `sys:${event.name}`
    case 'syscall-returned':
      return `ret:${event.name}`
    case 'mmap-lock-downgraded':
      return 'mmap_lock_downgrade'
    case 'invalidate-range-started':
      return `start(${event.reason})`
    case 'invalidate-range-ended':
      return 'end'
    case 'secondary-tlb-invalidate-called':
      return `${secondary}:${event.site}`
    case 'pte-change-notified':
      return 'change_pte'
    case 'young-cleared':
      return 'young'
    case 'notifier-released':
      return 'release'
    case 'zap-started':
      return 'zap'
    case 'rmap-removed':
      return 'rmap_remove'
    case 'page-gathered':
      return 'gather'
    case 'free-pgtables-started':
      return 'free_pgtables'
    case 'table-unlinked':
      return 'unlink_table'
    case 'table-gathered':
      return 'gather_table'
    case 'tables-queued-for-rcu':
      return 'tables_to_rcu'
    case 'rcu-callback-ran':
      return 'rcu_callback'
    case 'gather-flushed':
      return 'flush_free'
    case 'tlb-finish-started':
      return 'tlb_finish'
    case 'cpu-flush-started':
      return 'cpu_flush'
    case 'ipi-sent':
      return 'ipi'
    case 'cpu-tlb-flushed':
      return event.cpu === event.from ? null : `cpu_flush_remote@cpu${event.cpu}`
    case 'page-allocated':
      return ordered('page_alloc', event.order)
    case 'table-allocated':
      return 'pt_alloc'
    case 'page-freed':
      return ordered('free_pages', event.order)
    case 'table-freed':
      return 'free_tables'
    case 'fault-taken':
      return event.by === 'cpu' ? 'fault' : null
    case 'kernel-function-entered':
      return FUNCTIONS[event.name] ?? null
    case 'marked':
      return `mark(${event.text})`
    case 'operation-left-out':
    case 'mmap-lock-taken':
    case 'mmap-lock-released':
    case 'ptl-taken':
    case 'ptl-released':
    case 'vma-mapped':
    case 'vma-detached':
    case 'empty-hook-called':
    case 'gather-started':
    case 'pte-cleared':
    case 'flush-forced':
    case 'cpu-flush-completed':
    case 'pte-set':
    case 'page-put':
    case 'frame-filled':
    case 'fault-refused':
    case 'cpu-accessed':
    case 'tlb-hit':
    case 'tlb-missed':
    case 'walk-started':
    case 'walk-read':
    case 'walk-cache-filled':
    case 'tlb-filled':
    case 'walk-aborted':
    case 'invalidation-queued':
    case 'invalidation-executed':
    case 'invalidation-completed':
    case 'pasid-root-set':
    case 'page-requested':
    case 'page-request-answered':
    case 'device-accessed':
    case 'device-stopped':
    case 'used-after-free':
    case 'walked-after-free':
    case 'freed-too-early':
    case 'range-not-covered':
    case 'pairing-broken':
      return null
    default:
      return ofFamily(event)
  }
}
