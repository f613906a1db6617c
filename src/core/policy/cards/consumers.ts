import { type Cards, onOff } from './card.ts'

/** Switches: subscribers of the notifiers. */
export const CONSUMER_CARDS = {
  intervalNotifiers: {
    label: 'Interval notifiers',
    what: 'Since 5.5 a driver can ask to hear of some pages only, and gets a sequence to compare: the tree of mmu_interval_notifier. Without it, drivers that mirror pages that way cannot.',
    group: 'kernel',
    values: onOff('there are', 'none'),
  },
  notifierPut: {
    label: 'Subscribers are put',
    what: 'mmu_notifier_put(), since 5.4: a subscriber that is given up is taken out of the list, and freed after a grace period that nobody has to wait for. Before, mmu_notifier_unregister() waited.',
    group: 'kernel',
    values: onOff('freed later', 'unregistered'),
  },
  deferredRemoveWait: {
    label: 'What the removal of an interval notifier waits for',
    what: 'During an invalidation the tree must not change, so a removal is put off to its end. Up to 5.17 it waited for another sequence without the lock, and could return before it had been carried out (B21).',
    group: 'kernel',
    values: [
      { value: 'seq-changed', label: 'another sequence' },
      { value: 'seq-released', label: 'another, under the lock' },
    ],
  },
  driverFlushBeforePut: {
    label: 'A GPU driver flushes before it gives pages back',
    what: 'A driver that holds pages by reference gives them back itself, and nobody else flushes the GPU’s TLB. Up to 5.16 i915 did not (B32).',
    group: 'driver',
    values: onOff('flushes first', 'does not flush'),
    without: { value: false, what: 'the flush of the GPU’s TLB before its pages are given back' },
  },
  seqSampledAt: {
    label: 'KVM on arm64: when the sequence is sampled',
    what: 'A fault of a guest remembers mmu_invalidate_seq, to see later whether what it has read of the mm is still true. Up to 6.2 it looked at the VMA first (B17).',
    group: 'kernel',
    values: [
      { value: 'before-VMA-lookup', label: 'before the VMA is read' },
      { value: 'after', label: 'after the VMA is read' },
    ],
  },
  pfnCacheRetryCounter: {
    label: 'KVM: what a refresh of a pfn cache looks at',
    what: 'mn_active_invalidate_count is raised before pfn caches are dropped, mmu_invalidate_in_progress only after it. A refresh that comes in between must see the first (B18).',
    group: 'kernel',
    values: [
      { value: 'in_progress', label: 'mmu_invalidate_in_progress' },
      { value: 'mn_active_invalidate_count', label: 'mn_active_invalidate_count' },
    ],
  },
  hwCachedPfnReload: {
    label: 'KVM: when the APIC-access address is loaded anew',
    what: 'The processor has the physical address of the APIC-access page from the VMCS, and keeps it like a TLB entry. Asked for in start(), it is loaded again while the old page is still mapped (B16).',
    group: 'kernel',
    values: [
      { value: 'never', label: 'never' },
      { value: 'start', label: 'asked for in start()' },
      { value: 'range', label: 'asked for in invalidate_range' },
      { value: 'retry', label: 'in start(), with retry' },
    ],
    without: { value: 'never', what: 'the request to load the APIC-access address anew' },
  },
  pfnMapRefPolicy: {
    label: 'KVM: frames of VM_PFNMAP mappings',
    what: 'KVM follows the PTEs of mappings that a driver made by frame number. Up to 5.12 it took and dropped a reference as if those frames had a count that means something (B19).',
    group: 'kernel',
    values: [
      { value: 'assume-refcounted', label: 'taken to be counted' },
      { value: 'require-get-unless-zero', label: 'refused when their count is 0' },
    ],
    without: { value: 'assume-refcounted', what: 'the test whether a frame has a reference count at all' },
  },
} satisfies Cards
