import type { Bug } from './bug.ts'

export const B15: Bug = {
  id: 'B15',
  title: 'The kernel’s own page tables are freed under an SVA device',
  wrong:
    'On x86 the page table of a process holds the kernel’s half too, and the IOMMU walks it. Freed kernel page tables were flushed from the CPUs only: the walk cache kept them, and their new contents were taken for entries.',
  affected: {
    from: null,
    until: '6.19',
    evidence: ['id', 'source'],
    note: 'since SVA shares the table; 6.19 is not verified',
  },
  introducedBy: [{ id: '26b25a2b98e4', what: 'is named as the origin', release: null, evidence: ['id'] }],
  fixedBy: [
    { id: '72f98ef9a4be', what: 'disables SVA on x86, for stable kernels', release: null, evidence: ['id'] },
    {
      id: '27bfafac65d8',
      what: 'with 977870522af3, 412d000346ea, 018942956723 and bf9e4e30f353, leads there',
      release: '6.19',
      evidence: ['id'],
    },
    { id: '5ba2f0a15564', what: 'defers the free to a work item', release: '6.19', evidence: ['id', 'source'] },
    { id: 'e37d5a2d60a3', what: 'tells every SVA mm first, and enables SVA again', release: '6.19', evidence: ['id'] },
  ],
  cves: [{ id: 'CVE-2025-71089', evidence: ['id'] }],
  tags: { consumers: ['SVA'], hardware: ['walk cache'], operations: ['vfree'] },
  invariants: ['I15', 'I2'],
  actors: 'A CPU in the kernel that frees a mapping, two devices of one process, and somebody who gets the freed frame',
  rule: 'I2',
  present: { kernel: '6.14', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'kernelTableFree', value: 'immediate' },
  scenario: {
    format: 1,
    id: 'kernel-table',
    title: 'The kernel’s half of the page table',
    purpose:
      'On x86 the page table of every process has the kernel’s half in it. A device that asks for an address of the kernel is refused at the last level, but the walk has filled the IOMMU’s walk cache on its way.',
    lookFor: 'Who tells the IOMMU when the kernel frees a page table of its own?',
    bugs: ['B15'],
    memory: {
      frames: 12,
      regions: [
        { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'none' },
        { name: 'vmalloc', at: '0xffffc90000000000', pages: 1, kind: 'kernel', protection: 'rw', present: 'all' },
      ],
    },
    cpus: [
      { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'vfree', region: 'vmalloc' }] },
      { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'pte-bytes' }] },
      { task: 'app', tlb: 0, walkCache: 0, script: [] },
    ],
    devices: [
      { name: 'GPU 0', script: [{ do: 'read', page: 'vmalloc[0]' }] },
      { name: 'GPU 1', script: [{ do: 'read', page: 'vmalloc[0]' }] },
    ],
    iommu: { iotlb: 1, walkCache: 1, queue: 2 },
    batchSize: 16,
    switches: {},
    breaks: [],
  },
  run: [
    {
      says: 'GPU 0 asks for an address of the kernel. It is refused, but the walk has passed the page table: the walk cache names it.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
    {
      says: 'CPU 0 frees the mapping: the table is unlinked, the CPUs are flushed, and the table’s frame is free.',
      moves: [['CPU 0', 'through', 'table-freed']],
    },
    {
      says: 'Another process gets the frame, and writes bytes that read like a PTE.',
      moves: [['CPU 1', 'through', 'frame-filled']],
    },
    {
      says: 'GPU 1 asks for the same address. The walk begins at the cached table, and reads what the other process wrote.',
      moves: [['GPU 1', 'through', 'walked-after-free']],
    },
  ],
}
