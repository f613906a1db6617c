import { type Cards, onOff } from './card.ts'

/** Switches: who is told, and when. */
export const NOTIFIER_CARDS = {
  configMmuNotifier: {
    label: 'CONFIG_MMU_NOTIFIER',
    what: 'Builds the notifiers into the kernel. Without them every hook is an empty function, and no driver hears anything.',
    group: 'kernel',
    values: onOff('built in', 'left out'),
  },
  rangeCallback: {
    label: 'A callback for unmapped, not yet freed pages',
    what: 'Drivers can register invalidate_range (3.19), later arch_invalidate_secondary_tlbs (6.6). Before, they had start and end only (B01).',
    group: 'kernel',
    values: onOff('there is one', 'none'),
  },
  gatherFlushNotifies: {
    label: 'The gather’s flush tells secondary TLBs',
    what: 'tlb_flush_mmu_tlbonly() calls the notifier after the CPUs were flushed and before pages are freed. Without it a forced flush frees pages that a device still reaches (B01).',
    group: 'kernel',
    values: onOff('tells them', 'CPUs only'),
  },
  tableFreeNotifies: {
    label: 'Freed page tables are announced',
    what: 'The last flush of munmap() also tells secondary TLBs of page-table pages, which go outside every start/end pair. Without it an IOMMU may walk a freed table (B02).',
    group: 'kernel',
    values: onOff('announced', 'in silence'),
  },
  endImpliesInvalidate: {
    label: 'end() invalidates first',
    what: 'invalidate_range_end() calls invalidate_range over the whole range before its own callbacks, from 3.19 to 6.5. It hides flushes that were forgotten inside the pair (B05, B09).',
    group: 'kernel',
    values: onOff('yes', 'no'),
  },
  onlyEnd: {
    label: 'After copy on write, end() does not invalidate',
    what: 'Where a page was replaced and secondary TLBs were told between clear and set, end() need not tell them again. From 4.15 to 6.5 such paths called an end() that does not; later ends tell nothing anyway.',
    group: 'kernel',
    values: onOff('not again', 'once more'),
  },
  clearFlushNotifies: {
    label: 'Replacing a page tells secondary TLBs at once',
    what: 'ptep_clear_flush_notify(), from 3.19 to 6.5: copy on write tells secondary TLBs after the PTE was cleared and before it names the new page. Told only in end(), a device may read a new value and then an older one (B12). From 6.6 on the architecture’s flush tells them there.',
    group: 'kernel',
    values: onOff('between clear and set', 'not there'),
  },
  changePte: {
    label: 'change_pte',
    what: 'Up to 6.9, where a page is replaced or merged, set_pte_at_notify() calls change_pte() before it sets the new PTE: subscribers may change their entry instead of losing it. start() has taken it away already, so it is of no use.',
    group: 'kernel',
    values: onOff('called', 'not there'),
  },
  archFlushNotifies: {
    label: 'The architecture’s flush notifies',
    what: 'From 6.6 on the architecture’s own TLB flush calls the notifier, instead of generic code after it. On arm64 that is before the CPUs’ flush has completed.',
    group: 'kernel',
    values: onOff('from the flush', 'from generic code'),
  },
  endVmaFlushNotifies: {
    label: 'The flush at the end of a VMA notifies',
    what: 'When tlb_end_vma() flushes, it tells secondary TLBs too. Up to 4.18 it flushed the CPUs and forgot the range (B05).',
    group: 'kernel',
    values: onOff('tells them', 'CPUs only'),
  },
  invalidatePagePlacement: {
    label: 'Where invalidate_page is called',
    what: 'Up to 4.12 one page that was unmapped through the reverse map was told of by invalidate_page: under the page-table lock up to 3.6 and in 4.11 and 4.12, after it in between. From 4.13 on there is a start/end pair (B34).',
    group: 'kernel',
    values: [
      { value: 'under-ptl', label: 'under the lock' },
      { value: 'after-ptl', label: 'after the lock' },
      { value: 'none', label: 'not at all: start and end' },
    ],
  },
  rmapRangeCall: {
    label: 'Reclaim tells of pages of files at once',
    what: 'From 4.13 on invalidate_range is called under the page-table lock for each page that is unmapped through the reverse map; from 4.15 to 6.5 for anonymous pages only, and pages of files are left to end(). From 6.6 on the flush tells of all.',
    group: 'kernel',
    values: [
      { value: 'every-page', label: 'of every page' },
      { value: 'anon-only', label: 'of anonymous pages' },
    ],
  },
  oomReaperTells: {
    label: 'The OOM reaper and subscribers',
    what: 'Up to 4.18 the OOM reaper left a process alone that somebody had subscribed to. From 4.19 on start() may refuse where it must not block, so it calls start and end.',
    group: 'kernel',
    values: [
      { value: 'left-alone', label: 'left alone' },
      { value: 'told', label: 'start and end' },
    ],
  },
  endOnFailedStart: {
    label: 'A start() that was refused is ended',
    what: 'Where start() must not block, a subscriber may answer -EAGAIN, and the caller does not call end(). Up to 5.11 nobody did: who had been told of the start before, and counts, as KVM does, counted it for ever (B20).',
    group: 'kernel',
    values: onOff('for all that have an end()', 'for nobody'),
    without: { value: false, what: 'end() for those whose start() had been called, after a refusal' },
  },
  upgradeNotifies: {
    label: 'arm64: a raised permission is announced',
    what: 'A write fault that makes a PTE writable flushes the page on arm64, and from 6.6 on that flush tells secondary TLBs. Before, an SMMU could keep that the page is read-only, for ever (B13).',
    group: 'kernel',
    values: onOff('announced', 'CPUs only'),
    without: { value: false, what: 'the announcement of a raised permission' },
  },
  collapseNotifies: {
    label: 'Collapse of file pages is announced',
    what: 'khugepaged calls start and end when it takes out the page table of a file or shmem range. Up to 6.0 it flushed the CPUs and told nobody (B10).',
    group: 'kernel',
    values: onOff('start and end', 'nobody is told'),
    without: { value: false, what: 'start and end around the collapse of file pages' },
  },
} satisfies Cards
