import type { Bug } from './bug.ts'

export const B22: Bug = {
  id: 'B22',
  title: 'munmap() against unmap_mapping_range() on PFN mappings',
  wrong:
    'munmap() clears the PTEs, defers the flush, and takes the VMA off the reverse map. A driver that revokes its pages then finds no VMA, returns at once, and frees pages that a stale TLB entry still reaches.',
  affected: { from: null, until: '5.19', evidence: ['id', 'source'] },
  introducedBy: [],
  fixedBy: [{ id: 'b67fbebd4cf9', what: 'flushes at the end of each such VMA', release: '5.19', evidence: ['id'] }],
  cves: [{ id: 'CVE-2022-39188', evidence: ['id'] }],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['munmap', 'PFNMAP'] },
  invariants: ['I1', 'I4'],
  actors: 'One CPU that unmaps, a driver that takes its frames back, and a thread with the translation in its TLB',
  rule: 'I1',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'pfnmapFlushBeforeUnlink', value: false },
  scenario: {
    format: 1,
    id: 'pfnmap-munmap',
    title: 'A driver takes back what is being unmapped',
    purpose:
      'A driver has mapped a frame of its own into the process. The mapping holds no reference to it: only the reverse map knows who has to be unmapped before the frame is freed.',
    lookFor: 'Is the TLB flushed before the VMA leaves the reverse map?',
    bugs: ['B22'],
    memory: {
      frames: 8,
      regions: [{ name: 'bar', at: '0x100000000000', pages: 1, kind: 'pfnmap', protection: 'rw', present: 'all' }],
    },
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'bar' }] },
      { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'driver-free', region: 'bar' }] },
      {
        task: 'app',
        tlb: 1,
        walkCache: 0,
        script: [
          { do: 'write', page: 'bar[0]' },
          { do: 'write', page: 'bar[0]' },
        ],
      },
    ],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    batchSize: 16,
    switches: {},
    breaks: [],
  },
  run: [
    { says: 'CPU 2 writes to the page: the translation is in its TLB.', moves: [['CPU 2', 'through', 'cpu-accessed']] },
    {
      says: 'CPU 0 unmaps it: the PTE is cleared, the flush is left for later, and the VMA leaves the reverse map.',
      moves: [['CPU 0', 'through', 'unlink_file_vma']],
    },
    {
      says: 'CPU 1, the driver, wants its frame back. It finds no VMA that maps it, and frees the frame.',
      moves: [['CPU 1', 'through', 'page-freed']],
    },
    {
      says: 'CPU 2 writes through its old translation, into a free frame. CPU 0 flushes only now.',
      moves: [['CPU 2', 'through', 'used-after-free']],
    },
  ],
}
