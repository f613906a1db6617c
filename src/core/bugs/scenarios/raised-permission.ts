import type { Scenario } from '../../scenarios/scenario.ts'

/** B13. A page is write-protected to see who writes it; the device reads it first and writes it then. */
export const raisedPermission: Scenario = {
  format: 1,
  id: 'raised-permission',
  title: 'A device writes a page that it has read while it was read-only',
  purpose:
    'All pages are write-protected, to see which are written. The device reads buf[0], then writes it: the fault makes it writable.',
  lookFor: 'When the PTE is writable again, who tells the IOTLB, which has the page as read-only?',
  bugs: ['B13'],
  memory: {
    frames: 8,
    regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
  },
  cpus: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'clear-refs' }] }],
  devices: [
    {
      name: 'GPU 0',
      script: [
        { do: 'read', page: 'buf[0]' },
        { do: 'write', page: 'buf[0]' },
      ],
    },
  ],
  iommu: { iotlb: 2, walkCache: 0, queue: 2 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
