import { countEvents, type Measure, one } from './measure.ts'

/**
 * C5. Faults of guests, pfn caches and mirrors that have found their page and start over, because an invalidation was running or had come in between:
 * mmu_invalidate_retry() virt/kvm/kvm_main.c, mmu_interval_read_retry() mm/mmu_notifier.c. Unit: retries.
 */
export const shadowRetries: Measure = {
  id: 'shadow-retries',
  family: 'C5',
  title: 'Shadow faults started over',
  unit: 'retries',
  what: 'Times that a fault of a VM or a mirror threw away the page it had found and began again, because of an invalidation, or of a memslot that goes.',
  absent: ({ scenario }) =>
    scenario.consumers?.some(c => c.kind !== 'gpu') === true ? null : 'no VM and no mirror is here',
  by: 'step',
  of: countEvents({ 'shadow-fault-retried': one }),
}
