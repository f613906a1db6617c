import { countEvents, type Measure, withoutDevices } from './measure.ts'

/** C1. Invalidates that drivers put into the IOMMU’s queue: qi_submit_sync(), iommu_queue_command(). Unit: commands. */
export const iotlbCommands: Measure = {
  id: 'iotlb-commands',
  family: 'C1',
  title: 'IOTLB commands',
  unit: 'commands',
  what: 'Invalidates that the driver puts into the IOMMU’s queue, whatever their range.',
  absent: withoutDevices,
  by: 'step',
  of: countEvents({
    'invalidation-queued': e => e.count ?? 1,
    'rest-queued': e => (e.device < 0 ? (e.count ?? 1) : 0),
  }),
}
