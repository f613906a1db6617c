import type { Bug } from './bug.ts'
import { vmScenario } from './scenarios/vm.ts'

export const B19: Bug = {
  id: 'B19',
  title: 'KVM maps pages whose reference it cannot hold',
  wrong:
    'KVM followed the PTEs of mappings that a driver made by frame number (VM_PFNMAP), and took and dropped a reference to what it found, as for any page. Frames inside a larger block have a count of 0 though they are in use: the last put of KVM frees them, while the driver still owns them, and the process and its guest still have them mapped.',
  affected: { from: null, until: '5.13', evidence: ['id'] },
  introducedBy: [],
  fixedBy: [
    {
      id: 'f8be156be163',
      what: 'takes a reference only where there is one already',
      release: '5.13',
      evidence: ['id', 'mail'],
    },
  ],
  cves: [{ id: 'CVE-2021-22543', evidence: ['id'] }],
  tags: { consumers: ['KVM'], hardware: [], operations: ['PFNMAP'] },
  invariants: ['I1'],
  actors: 'A vCPU whose memory a driver has mapped by frame number, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'pfnMapRefPolicy', value: 'assume-refcounted' },
  scenario: vmScenario({
    id: 'kvm-pfnmap',
    title: 'A guest in memory that a driver has mapped by number',
    purpose:
      'Nothing is unmapped here. A guest touches its memory once, and the frame behind it is freed under everybody.',
    lookFor: 'What is the reference count of the frame before KVM finds it, and after KVM has let go of it?',
    bugs: ['B19'],
    regions: [
      {
        name: 'mmio',
        at: '0x100000000000',
        pages: 1,
        kind: 'pfnmap',
        protection: 'rw',
        present: 'all',
        uncounted: true,
      },
    ],
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: [] },
      { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'data' }] },
    ],
    vm: { memslots: [{ gfn: 0x10, region: 'mmio' }], vcpus: [{ script: [{ do: 'write', page: 'mmio[0]' }] }] },
  }),
  run: [
    {
      says: 'The guest writes to its memory. There is no page that get_user_pages() could find: KVM follows the PTE, and takes a reference to the frame, whose count was 0.',
      moves: [['vCPU 0', 'through', 'hva_to_pfn_remapped']],
    },
    {
      says: 'The SPTE is made, and KVM drops its reference. It was the only one: the frame is freed, though the driver still uses it.',
      moves: [['vCPU 0', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 1', 'through', 'alloc_pages']] },
    {
      says: 'The guest writes through its SPTE: into the other process’s frame.',
      moves: [['vCPU 0', 'through', 'used-after-free']],
    },
  ],
}
