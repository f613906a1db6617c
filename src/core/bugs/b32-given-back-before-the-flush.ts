import type { Bug } from './bug.ts'

export const B32: Bug = {
  id: 'B32',
  title: 'i915: pages are released before the GPU’s TLB is flushed',
  wrong:
    'A GPU with page tables of its own cleared its entries and gave the pages back without an invalidate of the GPU’s TLB. No notifier could help: the driver held the pages by reference and released them itself. The GPU went on in frames of others.',
  affected: { from: null, until: '5.17', evidence: ['id'] },
  introducedBy: [],
  fixedBy: [
    {
      id: '7938d61591d3',
      what: 'invalidates the GPU’s TLB before pages are released',
      release: '5.17',
      evidence: ['id'],
    },
  ],
  cves: [{ id: 'CVE-2022-0330', evidence: ['id'] }],
  tags: { consumers: ['driver'], hardware: ['GPU TLB'], operations: ['release of pages', 'munmap'] },
  invariants: ['I1', 'I4'],
  actors: 'A GPU, its driver, one CPU that unmaps, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: { driverFlushBeforePut: true } },
  toggle: { field: 'driverFlushBeforePut', value: false },
  scenario: {
    format: 1,
    id: 'gpu-gives-back',
    title: 'A GPU driver gives a page back',
    purpose: 'A driver has pinned a page and mapped it for its GPU. The process unmaps it, the driver gives it back.',
    lookFor: 'What keeps the frame from being freed, and what does the GPU still have when that goes?',
    bugs: ['B32'],
    memory: {
      frames: 10,
      regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
    },
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'buf' }] },
      { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'data' }] },
    ],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    consumers: [
      {
        kind: 'gpu',
        name: 'GPU 0',
        driver: [
          { do: 'bind', page: 'buf[0]' },
          { do: 'release', page: 'buf[0]' },
        ],
        script: [
          { do: 'read', page: 'buf[0]' },
          { do: 'write', page: 'buf[0]' },
        ],
      },
    ],
    batchSize: 16,
    switches: {},
    breaks: [],
  },
  run: [
    {
      says: 'The driver pins the page and maps it for the GPU. The GPU reads it: the translation is in its TLB.',
      moves: [
        ['GPU 0 driver', 'through', 'i915_vma_bind'],
        ['GPU 0 engine', 'through', 'guest-accessed'],
      ],
    },
    {
      says: 'CPU 0 drops the page. The driver’s reference keeps the frame.',
      moves: [['CPU 0', 'through', 'syscall-returned']],
    },
    {
      says: 'The driver gives the page back: it clears the GPU’s PTE and drops the last reference. The frame is free.',
      moves: [['GPU 0 driver', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 1', 'through', 'page-allocated']] },
    {
      says: 'The GPU writes through what its TLB still has.',
      moves: [['GPU 0 engine', 'through', 'used-after-free']],
    },
  ],
}
