import type { Bug } from './bug.ts'

export const B34: Bug = {
  id: 'B34',
  title: 'invalidate_page under the lock, and callbacks that sleep',
  wrong:
    'From 3.7 on invalidate_page was called after the page-table lock was dropped, so that callbacks could sleep, and drivers came to rely on it. A new way to walk the reverse map kept the lock over the call, unnoticed: amdgpu took a mutex under a spinlock. Nor was the call outside the lock sound: by then another page may be mapped at the address. In 4.13 the callback was removed.',
  affected: {
    from: '4.11',
    until: '4.13',
    evidence: ['id', 'mail', 'source'],
    note: 'under the lock; outside it from 3.7 to 4.10',
  },
  introducedBy: [
    {
      id: 'c7ab0d2fdc84',
      what: 'unmaps through page_vma_mapped_walk(), which keeps the lock',
      release: '4.11',
      evidence: ['id', 'mail'],
    },
  ],
  fixedBy: [
    {
      id: '5f32b265400d',
      what: 'removes invalidate_page: merge ea25c4317946',
      release: '4.13',
      evidence: ['id'],
    },
  ],
  cves: [],
  tags: { consumers: ['driver'], hardware: [], operations: ['reclaim'] },
  invariants: ['I12', 'I5'],
  actors: 'kswapd, and the driver of a GPU that has the page',
  rule: 'I12',
  present: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: { invalidatePagePlacement: 'under-ptl' } },
  fixed: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'invalidatePagePlacement', value: 'under-ptl' },
  scenario: {
    format: 1,
    id: 'sleeping-callback',
    title: 'Reclaim of a page that a GPU has',
    purpose:
      'kswapd unmaps a page that the driver of a GPU has pinned and bound. The driver gives it back when it is told, and may have to wait for that.',
    lookFor: 'Which locks are held when the driver is called?',
    bugs: ['B34'],
    memory: {
      frames: 10,
      regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
    },
    cpus: [
      { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'reclaim', region: 'buf' }] },
      { task: 'app', tlb: 0, walkCache: 0, script: [] },
    ],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    consumers: [
      {
        kind: 'gpu',
        name: 'GPU 0',
        userptr: true,
        driver: [{ do: 'bind', page: 'buf[0]' }],
        script: [{ do: 'write', page: 'buf[0]' }],
      },
    ],
    batchSize: 16,
    switches: { driverFlushBeforePut: true },
    breaks: [],
  },
  run: [
    {
      says: 'The driver pins buf[0] and binds it. The GPU writes it.',
      moves: [
        ['GPU 0 driver', 'through', 'i915_vma_bind'],
        ['GPU 0 engine', 'through', 'guest-accessed'],
      ],
    },
    {
      says: 'kswapd finds the PTE of buf[0] through the reverse map, and takes the page-table lock.',
      moves: [['CPU 0', 'through', 'page_vma_mapped_walk']],
    },
    {
      says: 'It clears the PTE and flushes the CPUs. The lock is still held.',
      moves: [['CPU 0', 'until', 'amdgpu_mn_invalidate_page']],
    },
    {
      says: 'It calls invalidate_page. The driver takes a mutex: it may sleep, under a spinlock.',
      moves: [['CPU 0', 'through', 'slept-in-atomic']],
    },
  ],
}
