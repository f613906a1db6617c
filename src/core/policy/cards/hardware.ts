import { type Cards, onOff } from './card.ts'

/** Switches: drivers, hardware and architectures. */
export const HARDWARE_CARDS = {
  mergeVmas: {
    label: 'One flush serves all VMAs',
    what: 'tlb_end_vma() leaves the flush to the end of the whole operation, as on x86 (CONFIG_MMU_GATHER_MERGE_VMAS). Otherwise each VMA is flushed by itself, inside the pair.',
    group: 'kernel',
    values: onOff('one for all', 'one for each'),
  },
  readRetry: {
    label: 'A mirror asks before it makes a device PTE',
    what: 'mmu_interval_read_retry(): under its lock the driver asks whether it was told of an invalidation since it looked for the page. One that does not makes device PTEs that nobody will take away.',
    group: 'driver',
    values: [
      { value: 'checked', label: 'it asks' },
      { value: 'skipped', label: 'it does not' },
    ],
    without: { value: 'skipped', what: 'the driver’s question whether an invalidation has come in between' },
  },
  emptyTableNesting: {
    label: 'How the empty-table driver nests',
    what: 'Whether it counts overlapping start/end pairs. One that remembers a single pair puts the real page table back at the first end() (B03).',
    group: 'driver',
    values: [
      { value: 'boolean', label: 'remembers one' },
      { value: 'counter', label: 'counts them' },
    ],
    without: { value: 'boolean', what: 'the count of overlapping pairs' },
  },
  drainsWalks: {
    label: 'The IOMMU drains walks',
    what: 'An invalidate waits for page walks that are under way. Otherwise such a walk can cache, after the invalidate, what it had read before.',
    group: 'hardware',
    values: onOff('waits for them', 'does not wait'),
    without: { value: false, what: 'the wait of an invalidate for walks under way' },
  },
  cachesPermissionMiss: {
    label: 'The IOMMU keeps that a page is read-only',
    what: 'An SMMU may answer a write from an entry that says read-only, with a fault and without another walk. IOMMUs of x86 walk again (B13).',
    group: 'hardware',
    values: onOff('keeps it', 'walks again'),
  },
  invalidateOrder: {
    label: 'IOTLB before ATC',
    what: 'A device with ATS has a cache of its own. If it is flushed before the IOTLB, the device can ask again at once and be answered from the stale IOTLB entry (B33).',
    group: 'driver',
    values: [
      { value: 'iotlb-first', label: 'IOTLB first' },
      { value: 'atc-first', label: 'ATC first' },
    ],
  },
  pasidDrain: {
    label: 'What an unbind leaves of a PASID',
    what: 'Before the number may be given to another address space the driver drops what was cached under it, and from 5.8 on waits until no page request names it. What is left is taken for the next owner’s.',
    group: 'driver',
    values: [
      { value: 'full', label: 'nothing' },
      { value: 'entries', label: 'page requests' },
      { value: 'none', label: 'entries and page requests' },
    ],
    without: { value: 'none', what: 'the flush and the drain of a PASID that is unbound' },
  },
  invalidateKind: {
    label: 'What an invalidate drops',
    what: 'Leaf entries only, or the walk cache of the range too. An IOMMU that keeps its walk cache can walk a freed page table (B02).',
    group: 'hardware',
    values: [
      { value: 'non-leaf', label: 'the walk cache too' },
      { value: 'leaf', label: 'leaf entries only' },
    ],
    without: { value: 'leaf', what: 'the walk cache in what an invalidate drops' },
  },
} satisfies Cards
