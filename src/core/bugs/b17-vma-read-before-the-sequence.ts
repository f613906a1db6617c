import type { Bug } from './bug.ts'
import { vmScenario } from './scenarios/vm.ts'

export const B17: Bug = {
  id: 'B17',
  title: 'KVM on arm64 and RISC-V: attributes are read before the sequence',
  wrong:
    'A stage-2 fault looked up the VMA for page size and memory type, dropped the mmap lock, and only then sampled mmu_invalidate_seq. An invalidation that begins and ends in between goes unseen: the page of what is mapped now is installed with what the VMA said before.',
  affected: {
    from: null,
    until: '6.3',
    evidence: ['id'],
    note: 'arm64 and RISC-V; the mechanism is not verified in source',
  },
  introducedBy: [],
  fixedBy: [
    {
      id: '13ec9308a857',
      what: 'samples the sequence before the mmap lock is dropped, on arm64',
      release: '6.3',
      evidence: ['id'],
    },
    { id: null, what: 'the same on RISC-V', release: '6.3', evidence: ['id'] },
  ],
  cves: [],
  tags: { consumers: ['KVM'], hardware: [], operations: ['munmap', 'mmap'] },
  invariants: ['I9'],
  actors: 'One CPU that unmaps a page and maps something there, and a vCPU that faults on it',
  rule: 'I9',
  present: { kernel: '6.1', arch: 'arm64', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.6', arch: 'arm64', driver: 'notifier', switches: {} },
  toggle: { field: 'seqSampledAt', value: 'after' },
  scenario: vmScenario({
    id: 'kvm-vma-lookup',
    title: 'A guest fault on arm64 against munmap() and mmap()',
    purpose: 'A fault of a guest reads the VMA and the page table at different times. One number must cover both.',
    lookFor: 'Is the sequence sampled before the VMA is read, or after?',
    bugs: ['B17'],
    cpus: [
      {
        task: 'app',
        tlb: 0,
        walkCache: 0,
        script: [
          { do: 'mmap', region: 'ram' },
          { do: 'munmap', region: 'ram' },
          { do: 'mmap', region: 'ram' },
        ],
      },
    ],
    regions: [
      { name: 'ram', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'none', unmapped: true },
    ],
    vm: { memslots: [{ gfn: 0x10, region: 'ram' }], vcpus: [{ script: [{ do: 'read', page: 'ram[0]' }] }] },
  }),
  run: [
    {
      says: 'CPU 0 has mapped ram. The guest reads ram[0]: KVM looks up the VMA, notes how the page may be mapped, and drops the mmap lock.',
      moves: [
        ['CPU 0', 'through', 'return from mmap'],
        ['vCPU 0', 'through', 'vma-looked-up'],
      ],
    },
    {
      says: 'CPU 0 unmaps the page, from start() to end(), and maps something else there.',
      moves: [
        ['CPU 0', 'through', 'return from munmap'],
        ['CPU 0', 'through', 'return from mmap'],
      ],
    },
    {
      says: 'Only now the vCPU samples mmu_invalidate_seq. It is the new one already.',
      moves: [['vCPU 0', 'through', 'sequence-sampled']],
    },
    {
      says: 'It finds the page of the new mapping. The check under mmu_lock passes, and the SPTE is made with what the old VMA said.',
      moves: [['vCPU 0', 'through', 'entry-unsound']],
    },
  ],
}
