import type { Scenario } from '../scenarios/scenario.ts'
import type { CostBug } from './bug.ts'

/** One page of two goes; the device has used both, and keeps using the other. */
const scenario: Scenario = {
  format: 1,
  id: 'empty-range',
  title: 'A range that is lost on the way',
  purpose:
    'madvise() gives back one page while the device works on the one beside it. Only one entry of the IOTLB has to go.',
  lookFor: 'What does the driver tell the SMMU to drop, and what does the device have to walk for again?',
  bugs: ['B14'],
  memory: {
    frames: 10,
    regions: [{ name: 'buf', at: '0x100000000000', pages: 2, kind: 'anon', protection: 'rw', present: 'all' }],
  },
  cpus: [
    {
      task: 'app',
      tlb: 0,
      walkCache: 0,
      script: [{ do: 'madvise-dontneed', region: 'buf', first: 0, pages: 1 }],
    },
  ],
  devices: [
    {
      name: 'GPU 0',
      script: [
        { do: 'read', page: 'buf[0]' },
        { do: 'read', page: 'buf[1]' },
        { do: 'read', page: 'buf[1]' },
      ],
    },
  ],
  iommu: { iotlb: 2, walkCache: 0, queue: 2 },
  batchSize: 16,
  switches: {},
  breaks: [],
}

export const B14: CostBug = {
  id: 'B14',
  title: 'arm64: the notifier is told of an empty range',
  wrong:
    'arm64 flushes a range with a macro that moves its start along, and tells secondary TLBs afterwards: of a range that ends where it starts. The SMMU driver takes a range without pages for everything. So nothing stays that had to go, and all else that the device uses goes with it, at every flush.',
  affected: {
    from: '6.6',
    until: null,
    evidence: ['mail'],
    note: 'arm64 only; mended in March 2025 and in stable kernels, the first release with it is not verified',
  },
  introducedBy: [
    { id: '6bbd42e2df8f', what: 'calls the notifier after the macro', release: '6.6', evidence: ['id', 'mail'] },
    { id: '360839027a6e', what: 'brings the macro, which hides what it does', release: null, evidence: ['id', 'mail'] },
  ],
  fixedBy: [
    {
      id: null,
      what: 'the macro leaves its arguments as they were',
      release: null,
      evidence: ['mail', 'not-verified'],
    },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB', 'SMMU', 'walk cache'], operations: ['madvise', 'munmap'] },
  invariants: [],
  actors: 'One CPU that gives a page back, and a device that uses another',
  present: { kernel: '6.6', arch: 'arm64', driver: 'notifier', switches: { commands: 'smmuv3' } },
  fixed: {
    kernel: '6.6',
    arch: 'arm64',
    driver: 'notifier',
    switches: { commands: 'smmuv3', rangeArgument: 'exact' },
  },
  toggle: { field: 'rangeArgument', value: 'empty-means-all' },
  scenario,
  measures: ['needless-drops', 'entries-dropped'],
}
