import { countEvents, type Measure, one } from './measure.ts'

/** C1. Waits that were seen to end: for CPUs (IPIs acknowledged, DSB), and for the IOMMU’s queue. Unit: waits. */
export const completionWaits: Measure = {
  id: 'completion-waits',
  family: 'C1',
  title: 'Waits',
  unit: 'waits',
  what: 'Times that the kernel saw a flush complete: every CPU has acknowledged (DSB on arm64), or the IOMMU has executed what was queued.',
  absent: () => null,
  by: 'step',
  of: countEvents({ 'cpu-flush-completed': one, 'invalidation-completed': one }),
}
