import type { Cards } from './card.ts'

/** Switches: the commands that IOMMU drivers send, and how they wait for them. */
export const COMMAND_CARDS = {
  commands: {
    label: 'Commands of the IOMMU driver',
    what: 'Whose commands the driver sends, under their own names. VT-d and AMD name aligned blocks of 2, 4, 8 … pages, so more may go than had to; the SMMU does so for ATCs. Plain: nobody’s, each for exactly the pages that are told.',
    group: 'driver',
    values: [
      { value: 'plain', label: 'plain' },
      { value: 'vtd', label: 'Intel VT-d' },
      { value: 'amd', label: 'AMD' },
      { value: 'smmuv3', label: 'Arm SMMUv3' },
    ],
  },
  vtdFlush: {
    label: 'VT-d: blocks and waits',
    what: 'With the commands of VT-d. Up to 6.11 a range is cut into aligned blocks, and each command has a wait of its own. From 6.12 on it is one aligned block around the range, and a batch of commands has one wait.',
    group: 'driver',
    values: [
      { value: 'by-block', label: 'a wait for each' },
      { value: 'batched', label: 'one wait' },
    ],
  },
  amdRange: {
    label: 'AMD: more than one page',
    what: 'With the commands of AMD. Its first SVA driver flushed the whole PASID for more than one page; that of 6.12 names the aligned block around the range.',
    group: 'driver',
    values: [
      { value: 'everything', label: 'the whole PASID' },
      { value: 'power-of-two', label: 'an aligned block' },
    ],
  },
  waitBetween: {
    label: 'A wait between IOTLB and ATC',
    what: 'Whether the driver waits until the IOTLB is flushed before it sends ATCs their commands. VT-d up to 6.11 and the SMMUv3 do, AMD and VT-d from 6.12 do not: their queues execute in order.',
    group: 'driver',
    values: [
      { value: 'as-driver', label: 'as the driver does' },
      { value: 'always', label: 'always' },
      { value: 'never', label: 'never' },
    ],
  },
  atcTimeout: {
    label: 'A device that does not answer',
    what: 'A device may leave an Invalidate Request unanswered, and the IOMMU gives up. VT-d’s driver sends the command again, for as long as the device says nothing; that of the SMMUv3 reports it and goes on, though the ATC may have what it had. Of AMD it is not verified: here it goes on. Takes part where a device may time out.',
    group: 'driver',
    values: [
      { value: 'as-driver', label: 'as the driver does' },
      { value: 'retry', label: 'sent again' },
      { value: 'carry-on', label: 'reported, and on' },
    ],
  },
  queueOrder: {
    label: 'Order in the invalidation queue',
    what: 'The IOMMU takes commands in the order in which they came, or any that waits. Out of order, an ATC may be flushed before the IOTLB and be filled again from the stale entry, unless the driver waits in between.',
    group: 'hardware',
    values: [
      { value: 'in-order', label: 'in order' },
      { value: 'any-order', label: 'in any order' },
    ],
  },
  rangeArgument: {
    label: 'Range that arm64 tells',
    what: 'arm64 from 6.6 on: a macro moved the start of the range to its end before secondary TLBs were told of it. The SMMU driver takes an empty range for everything: right, and slow (B14).',
    group: 'kernel',
    values: [
      { value: 'exact', label: 'what was flushed' },
      { value: 'empty-means-all', label: 'an empty one: all' },
    ],
  },
} satisfies Cards
