import type { Bug } from './bug.ts'
import { vmScenario } from './scenarios/vm.ts'

export const B16: Bug = {
  id: 'B16',
  title: 'KVM: the address of the APIC page stays in the VMCS',
  wrong:
    'The processor takes the physical address of the APIC-access page from the VMCS and keeps it, like a TLB entry. When invalidate_page went away in 4.13, nobody had it loaded anew. The first fix asked for that in start(): a vCPU can load it at once, from the page table as it still is, and keeps the old page when that is unmapped a moment later. Windows guests crashed.',
  affected: {
    from: '4.13',
    until: '5.8',
    evidence: ['mail'],
    note: 'ranges were never told of; up to 4.12 invalidate_page was enough in practice, and before 3.18 the page was pinned',
  },
  introducedBy: [
    {
      id: '369ea8242c0f',
      what: 'moves the reverse map from invalidate_page to ranges',
      release: '4.13',
      evidence: ['mail'],
    },
    {
      id: 'b1394e745b94',
      what: 'has the address loaded anew, asked for in start()',
      release: '4.15',
      evidence: ['mail'],
    },
  ],
  fixedBy: [
    {
      id: 'e649b3f0188f',
      what: 'asks for it in invalidate_range, after the PTE was cleared',
      release: '5.8',
      evidence: ['mail'],
    },
    {
      id: '878940b33d76',
      what: 'lets the load see invalidations, and start over',
      release: '6.5',
      evidence: ['id', 'mail'],
    },
    { id: '0a8a5f2c8c26', what: 'with that, asks for it in start() again', release: '6.5', evidence: ['id', 'mail'] },
  ],
  cves: [],
  tags: { consumers: ['KVM'], hardware: ['VMCS'], operations: ['madvise', 'migration'] },
  invariants: ['I1'],
  actors: 'One CPU that zaps the page behind the APIC page, a vCPU, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '4.15', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'hwCachedPfnReload', value: 'start' },
  scenario: vmScenario({
    id: 'apic-page',
    title: 'The APIC page of a guest is zapped',
    purpose:
      'The processor holds the physical address of one page in a register, so to speak, and nobody asks a page table again.',
    lookFor: 'When is the vCPU asked to load the address anew, and what does the page table say at that moment?',
    bugs: ['B16'],
    vm: {
      memslots: [],
      apicPage: 'ram[0]',
      vcpus: [{ script: [{ do: 'read', page: 'ram[0]' }] }],
    },
  }),
  run: [
    {
      says: 'CPU 0 begins to zap the page. In start() KVM asks all vCPUs to load the address anew.',
      moves: [['CPU 0', 'through', 'reload-requested']],
    },
    {
      says: 'vCPU 0 does so at once, on its way into the guest. The page is still mapped: it finds the old one, and writes its address into the VMCS.',
      moves: [['vCPU 0', 'through', 'put_page']],
    },
    {
      says: 'CPU 0 clears the PTE, flushes the CPUs, and frees the page.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 1', 'through', 'alloc_pages']] },
    {
      says: 'The guest touches its APIC page. The processor uses the address that it has: another’s page.',
      moves: [['vCPU 0', 'through', 'used-after-free']],
    },
  ],
}
