import type { Level, Pfn, Vpn } from '../../units.ts'
import type { Tellings } from './telling.ts'

/** Huge pages, page tables that are taken out from under them, and software that walks without locks. */
export type WalkerEvent =
  | { readonly type: 'huge-pmd-set'; readonly vpn: Vpn; readonly pfn: Pfn; readonly pages: number }
  | { readonly type: 'huge-pmd-cleared'; readonly vpn: Vpn; readonly pfn: Pfn; readonly pages: number }
  | { readonly type: 'huge-pmd-invalidated'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'table-detached'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'table-deposited'; readonly pfn: Pfn }
  | { readonly type: 'table-populated'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'irqs-disabled'; readonly cpu: number }
  | { readonly type: 'irqs-enabled'; readonly cpu: number }
  | { readonly type: 'sync-sent'; readonly waitsFor: readonly number[] }
  | { readonly type: 'sync-done' }
  | { readonly type: 'software-walk-read'; readonly cpu: number; readonly level: Level; readonly table: Pfn }
  | { readonly type: 'page-grabbed'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'page-let-go'; readonly vpn: Vpn; readonly pfn: Pfn; readonly why: string }
  | { readonly type: 'pinned-page-written'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'write-protect-seq'; readonly seq: number }
  | { readonly type: 'software-walked-after-free'; readonly cpu: number; readonly pfn: Pfn; readonly owner: string }
  | { readonly type: 'sizes-mixed'; readonly cpu: number; readonly vpn: Vpn }
  | { readonly type: 'mm-switched'; readonly cpu: number; readonly to: 'other' | 'lazy' | 'own' }
  | { readonly type: 'flush-known'; readonly cpu: number; readonly asker: number; readonly gen: number }
  | { readonly type: 'generation-skipped'; readonly cpu: number; readonly vpn: Vpn; readonly gen: number }
  | { readonly type: 'tlb-gen-read'; readonly cpu: number; readonly behind: boolean }

export const walkerTellings: Tellings<WalkerEvent> = {
  'software-walked-after-free': {
    caption: (e, n) => `${n.cpu(e.cpu)} takes pfn ${e.pfn} for a page table, in software, and it is ${e.owner}’s`,
    mark: e => `table ${e.pfn}`,
    tone: 'damage',
    also: true,
    why: 'Software relies on it that no page table is freed while it walks. Whatever it finds or writes here is somebody else’s.',
  },
  'sizes-mixed': {
    caption: (e, n) => `the TLB of ${n.cpu(e.cpu)} translates ${n.page(e.vpn)} in two sizes at once`,
    mark: () => 'two sizes',
    tone: 'damage',
    also: true,
    why: 'Which of the two is used is not defined, and some processors stop with a machine check.',
  },
  'generation-skipped': {
    caption: (e, n) => `${n.cpu(e.cpu)} says that it has flushed up to ${e.gen}, and has not flushed ${n.page(e.vpn)}`,
    mark: e => `gen ${e.gen}?`,
    tone: 'damage',
    also: true,
    why: 'A later request for the flush that was left out finds this generation reached, and does nothing. The stale entry stays.',
  },
  'huge-pmd-set': {
    caption: (e, n) =>
      `one PMD entry maps ${e.pages} ${e.pages === 1 ? 'page' : 'pages'} from ${n.page(e.vpn)} on, pfn ${e.pfn}`,
    mark: e => `PMD = ${e.pfn}`,
    tone: 'mapped',
  },
  'huge-pmd-cleared': {
    caption: (e, n) => `the PMD entry that maps the huge page at ${n.page(e.vpn)} is cleared`,
    mark: () => 'PMD 0',
    tone: 'unmapped',
  },
  'huge-pmd-invalidated': {
    caption: (e, n) => `the PMD entry of the huge page at ${n.page(e.vpn)} is marked not present`,
    mark: () => 'PMD inv.',
    tone: 'unmapped',
  },
  'table-detached': {
    caption: (e, n) =>
      `the PMD entry over ${n.page(e.vpn)} is cleared; the PTE table in pfn ${e.pfn} is out of the tree`,
    mark: e => `table ${e.pfn} out`,
    tone: 'table',
  },
  'table-deposited': {
    caption: e => `the PTE table in pfn ${e.pfn} is kept, empty, for a later split`,
    mark: e => `keep ${e.pfn}`,
    tone: 'table',
  },
  'table-populated': {
    caption: (e, n) => `the PMD entry over ${n.page(e.vpn)} names the PTE table in pfn ${e.pfn}`,
    mark: e => `table ${e.pfn} in`,
    tone: 'table',
  },
  'irqs-disabled': {
    caption: (e, n) => `${n.cpu(e.cpu)} disables interrupts`,
    mark: () => 'IRQs off',
    tone: 'neutral',
  },
  'irqs-enabled': {
    caption: (e, n) => `${n.cpu(e.cpu)} enables interrupts`,
    mark: () => 'IRQs on',
    tone: 'neutral',
  },
  'sync-sent': {
    caption: (e, n) =>
      e.waitsFor.length === 0
        ? 'an IPI that does nothing goes to every CPU, and all take it at once'
        : `an IPI that does nothing goes to every CPU; ${e.waitsFor.map(n.cpu).join(', ')} cannot take it yet`,
    mark: () => 'sync IPI',
    tone: 'neutral',
  },
  'sync-done': {
    caption: () => 'every CPU has taken the IPI: nobody is inside the old table',
    mark: () => 'synced',
    tone: 'neutral',
  },
  'software-walk-read': {
    caption: (e, n) => `${n.cpu(e.cpu)} reads the ${e.level} table in pfn ${e.table}, in software and without a lock`,
    mark: e => `GUP ${e.level}`,
    tone: 'neutral',
  },
  'page-grabbed': {
    caption: (e, n) => `GUP-fast takes a reference to pfn ${e.pfn} for ${n.page(e.vpn)}`,
    mark: e => `get ${e.pfn}`,
    tone: 'mapped',
  },
  'page-let-go': {
    caption: (e, n) => `the reference to pfn ${e.pfn} for ${n.page(e.vpn)} is dropped: ${e.why}`,
    mark: e => `put ${e.pfn}`,
    tone: 'neutral',
  },
  'pinned-page-written': {
    caption: (e, n) => `a device writes pfn ${e.pfn}, which is pinned for it, and means ${n.page(e.vpn)}`,
    mark: e => `DMA ${e.pfn}`,
    tone: 'neutral',
  },
  'write-protect-seq': {
    caption: e => `write_protect_seq is ${e.seq}: ${e.seq % 2 === 1 ? 'pages are being write-protected' : 'done'}`,
    mark: e => `seq ${e.seq}`,
    tone: 'neutral',
  },
  'mm-switched': {
    caption: (e, n) =>
      ({
        other: `${n.cpu(e.cpu)} loads another mm`,
        lazy: `${n.cpu(e.cpu)} runs a kernel thread and keeps the mm, lazily`,
        own: `${n.cpu(e.cpu)} runs the process again`,
      })[e.to],
    mark: e => ({ other: 'away', lazy: 'lazy', own: 'back' })[e.to],
    tone: 'neutral',
  },
  'flush-known': {
    caption: (e, n) =>
      `${n.cpu(e.cpu)} has reached generation ${e.gen}: it has made the flush that ${n.cpu(e.asker)} asks for`,
    mark: e => `gen ${e.gen}`,
    tone: 'neutral',
  },
  'tlb-gen-read': {
    caption: (e, n) =>
      e.behind
        ? `${n.cpu(e.cpu)} sees in tlb_gen that a flush passed it by`
        : `${n.cpu(e.cpu)} finds tlb_gen as it left it`,
    mark: () => 'tlb_gen',
    tone: 'neutral',
  },
}
