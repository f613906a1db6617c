import type { Bug } from './bug.ts'

export const B20: Bug = {
  id: 'B20',
  title: 'A start() that is refused leaves others without an end()',
  wrong:
    'From 4.19 on a start() that must not block may be refused with -EAGAIN, and the caller must not call end() then. But everybody in the list had been called: whoever counts starts and ends, as KVM does, had counted one that never ended. No SPTE could be made any more, and the guest faulted for ever. Found by reading; only the OOM reaper makes such calls, so the guest was doomed anyway.',
  affected: { from: '4.19', until: '5.12', evidence: ['id', 'mail'] },
  introducedBy: [{ id: '93065ac753e4', what: 'lets start() refuse', release: '4.19', evidence: ['id', 'mail'] }],
  fixedBy: [
    {
      id: 'c2655835fd8c',
      what: 'calls end() of all that have one, and forbids it to those who may refuse',
      release: '5.12',
      evidence: ['id', 'mail'],
    },
  ],
  cves: [],
  tags: { consumers: ['KVM', 'driver'], hardware: [], operations: ['OOM reaper'] },
  invariants: ['I10', 'L1'],
  actors: 'The OOM reaper, a VM, and the driver of a GPU that has a page of the same process',
  rule: 'I10',
  present: { kernel: '4.19', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '4.19', arch: 'x86', driver: 'notifier', switches: { endOnFailedStart: true } },
  toggle: { field: 'endOnFailedStart', value: false },
  scenario: {
    format: 1,
    id: 'refused-start',
    title: 'The OOM reaper is refused',
    purpose:
      'A process that runs a VM is being killed. The OOM reaper asks who has its page, and must not wait; a GPU has it, and its driver would have to.',
    lookFor: 'Who has been told of a start, and who is told of its end?',
    bugs: ['B20'],
    memory: {
      frames: 10,
      regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
    },
    cpus: [
      { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'oom-reap' }] },
      { task: 'app', tlb: 0, walkCache: 0, script: [] },
    ],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    consumers: [
      {
        kind: 'kvm',
        name: 'VM 0',
        memslots: [{ gfn: 0, region: 'buf' }],
        vcpus: [{ script: [{ do: 'read', page: 'buf[0]' }] }],
      },
      { kind: 'gpu', name: 'GPU 0', userptr: true, driver: [{ do: 'bind', page: 'buf[0]' }], script: [] },
    ],
    batchSize: 16,
    switches: { driverFlushBeforePut: true },
    breaks: [],
  },
  run: [
    {
      says: 'The driver of the GPU pins buf[0] and binds it.',
      moves: [['GPU 0 driver', 'through', 'i915_vma_bind']],
    },
    {
      says: 'The OOM reaper calls start(), which must not block. KVM hears of it first: mmu_invalidate_in_progress is 1, the SPTEs go.',
      moves: [['CPU 0', 'through', 'shadow-zapped']],
    },
    {
      says: 'The driver of the GPU would have to wait for a mutex and for the GPU. It answers -EAGAIN.',
      moves: [['CPU 0', 'through', 'start-refused']],
    },
    {
      says: 'The reaper is told -EAGAIN. It must not call end(), and leaves the VMA out. KVM goes on counting.',
      moves: [['CPU 0', 'through', 'pairing-broken']],
    },
    {
      says: 'It tries again after a while, is refused again, and gives up.',
      moves: [
        ['CPU 0', 'through', 'reap-put-off'],
        ['CPU 0', 'through', 'reap-put-off'],
        ['CPU 0', 'through', 'syscall-returned'],
      ],
    },
    {
      says: 'The guest reads buf[0]. The page is mapped and nobody changes it, but an invalidation seems to be in progress: the vCPU starts over, and over.',
      moves: [
        ['vCPU 0', 'through', 'shadow-fault-retried'],
        ['vCPU 0', 'through', 'shadow-fault-retried'],
      ],
    },
  ],
}
