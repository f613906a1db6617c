import type { PageRange, Pfn, Vpn } from '../../units.ts'
import type { Translator } from '../event.ts'
import type { Tellings } from './telling.ts'

/** One of them: its number among the consumers, and who of it: `VM 0`, `vCPU 1`. */
interface Of {
  readonly consumer: number
  readonly who: string
}

/** What subscribers with translations of their own do: KVM, and in part mirrors and GPUs. */
export type ConsumerEvent =
  | (Of & {
      readonly type: 'guest-accessed'
      readonly by: Translator
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly write: boolean
      readonly through: string
    })
  | (Of & { readonly type: 'entry-unsound'; readonly what: string; readonly vpn: Vpn; readonly pfn: Pfn })
  | (Of & { readonly type: 'guest-exited'; readonly vpn: Vpn; readonly why: string })
  | (Of & { readonly type: 'active-counted'; readonly count: number })
  | (Of & { readonly type: 'shadow-invalidate-begun'; readonly count: number; readonly start: Vpn; readonly end: Vpn })
  | (Of & { readonly type: 'shadow-zapped'; readonly dropped: number; readonly start: Vpn; readonly end: Vpn })
  | (Of & { readonly type: 'shadow-sequence-raised'; readonly seq: number })
  | (Of & { readonly type: 'shadow-invalidate-ended'; readonly count: number })
  | (Of & { readonly type: 'sequence-sampled'; readonly seq: number })
  | (Of & { readonly type: 'vma-looked-up'; readonly vpn: Vpn })
  | (Of & { readonly type: 'page-referenced'; readonly vpn: Vpn; readonly pfn: Pfn; readonly count: number })
  | (Of & { readonly type: 'reference-refused'; readonly vpn: Vpn; readonly pfn: Pfn })
  | (Of & { readonly type: 'shadow-fault-retried'; readonly vpn: Vpn; readonly why: string })
  | (Of & { readonly type: 'shadow-fault-passed'; readonly vpn: Vpn })
  | (Of & {
      readonly type: 'shadow-entry-set'
      readonly what: string
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly writable: boolean
    })
  | (Of & { readonly type: 'shadow-entry-dropped'; readonly what: string; readonly vpn: Vpn })
  | (Of & { readonly type: 'memslot-set'; readonly slot: string; readonly state: 'valid' | 'invalid' | 'gone' })
  | (Of & { readonly type: 'reload-requested'; readonly vpn: Vpn })

const pages = (e: { readonly start: Vpn; readonly end: Vpn }, name: (vpn: Vpn) => string): string => {
  const range: PageRange = e
  return range.end - range.start <= 1 ? name(range.start) : `${name(range.start)} to ${name((range.end - 1) as Vpn)}`
}

export const consumerTellings: Tellings<ConsumerEvent> = {
  'entry-unsound': {
    caption: (e, n) => `${e.what} of ${n.page(e.vpn)} is made from what an invalidation has overtaken`,
    mark: () => 'unsound',
    tone: 'damage',
    also: true,
    why: 'Nobody will zap this entry: the invalidation that should have is over, or has been here already.',
  },
  'guest-accessed': {
    caption: (e, n) => `${e.who} ${e.write ? 'writes' : 'reads'} ${n.page(e.vpn)} in pfn ${e.pfn} through ${e.through}`,
    mark: e => (e.write ? 'write' : 'read'),
    tone: 'mapped',
  },
  'shadow-entry-set': {
    caption: (e, n) => `${e.what} of ${n.page(e.vpn)} names pfn ${e.pfn}${e.writable ? '' : ', read-only'}`,
    mark: (e, n) => `${e.what} ${n.page(e.vpn)}`,
    tone: 'mapped',
  },
  'memslot-set': {
    caption: e => `the memslot of ${e.slot} in ${e.who} is ${e.state} from here on`,
    mark: e => `memslot ${e.state}`,
    tone: 'unmapped',
  },
  'shadow-zapped': {
    caption: (e, n) =>
      `${e.who} zaps ${e.dropped === 0 ? 'no SPTE' : e.dropped === 1 ? 'one SPTE' : `${e.dropped} SPTEs`} of ${pages(e, n.page)}`,
    mark: e => `zap ${e.dropped}`,
    tone: 'invalidated',
  },
  'shadow-entry-dropped': {
    caption: (e, n) => `${e.what} of ${n.page(e.vpn)} is not valid any more`,
    mark: e => `drop ${e.what}`,
    tone: 'invalidated',
  },
  'reload-requested': {
    caption: (e, n) => `all vCPUs of ${e.who} are asked to load the address of ${n.page(e.vpn)} anew`,
    mark: () => 'reload',
    tone: 'invalidated',
  },
  'shadow-fault-retried': {
    caption: (e, n) => `${e.who} starts over with ${n.page(e.vpn)}: ${e.why}`,
    mark: () => 'retry',
    tone: 'neutral',
  },
  'reference-refused': {
    caption: e => `pfn ${e.pfn} has no reference to add to: get_page_unless_zero() fails`,
    mark: () => 'refused',
    tone: 'neutral',
  },
  'page-referenced': {
    caption: (e, n) => `${e.who} finds pfn ${e.pfn} for ${n.page(e.vpn)} and takes a reference, the ${nth(e.count)}`,
    mark: e => `get ${e.pfn}`,
    tone: 'neutral',
  },
  'shadow-fault-passed': {
    caption: e => `no invalidation has come in between: ${e.who} may go on, and holds mmu_lock`,
    mark: () => 'check',
    tone: 'neutral',
  },
  'shadow-invalidate-begun': {
    caption: (e, n) =>
      `mmu_invalidate_in_progress of ${e.who} is ${e.count}, for ${pages(e, n.page)}; mmu_lock is held`,
    mark: () => 'in progress',
    tone: 'mapped',
  },
  'shadow-sequence-raised': {
    caption: e => `mmu_invalidate_seq of ${e.who} is ${e.seq}: whoever sampled an older one must start over`,
    mark: e => `seq ${e.seq}`,
    tone: 'mapped',
  },
  'shadow-invalidate-ended': {
    caption: e => `mmu_invalidate_in_progress of ${e.who} is ${e.count}`,
    mark: () => 'ended',
    tone: 'mapped',
  },
  'active-counted': {
    caption: e => `mn_active_invalidate_count of ${e.who} is ${e.count}`,
    mark: e => `active ${e.count}`,
    tone: 'neutral',
  },
  'sequence-sampled': {
    caption: e => `${e.who} remembers the sequence: ${e.seq}`,
    mark: e => `seq ${e.seq}`,
    tone: 'neutral',
  },
  'vma-looked-up': {
    caption: (e, n) => `${e.who} reads of the VMA of ${n.page(e.vpn)} what it needs to map it`,
    mark: () => 'VMA',
    tone: 'neutral',
  },
  'guest-exited': {
    caption: (e, n) => `${e.who} leaves the guest at ${n.page(e.vpn)}: ${e.why}`,
    mark: () => 'exit',
    tone: 'neutral',
  },
}

const nth = (count: number): string => ({ 1: 'first', 2: 'second', 3: 'third' })[count] ?? `${count}th`
