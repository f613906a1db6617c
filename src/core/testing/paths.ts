import type { Scenario } from '../scenarios/scenario.ts'
import { SCENARIOS } from '../scenarios/scenario-list.ts'
import { app, buf, gpu, neighbour, other, scenarioOf } from './labs.ts'

/** Small scenarios that between them go every way there is through the kernel and the hardware. */
export const PATHS: readonly Scenario[] = [
  scenarioOf({
    id: 'file-pinned',
    frames: 20,
    regions: [buf({ kind: 'file', pages: 3, present: [0, 2], pinned: [0] }), neighbour()],
    cpus: [
      app({ do: 'madvise-dontneed', region: 'buf' }, { do: 'munmap', region: 'buf' }),
      app({ do: 'write', page: 'buf[1]' }, { do: 'madvise-dontneed', region: 'buf', pages: 1 }),
    ],
    devices: [gpu({ do: 'write', page: 'buf[any]' }, { do: 'read', page: 'buf[0]' })],
    batchSize: 2,
  }),
  scenarioOf({
    id: 'exit',
    frames: 20,
    regions: [buf(), buf({ name: 'lib', at: '0x200000000000', kind: 'file', protection: 'r' })],
    cpus: [app({ do: 'write', page: 'buf[0]' }, { do: 'exit' }), other({ do: 'allocate', as: 'pte-bytes' })],
    devices: [gpu({ do: 'write', page: 'buf[any]' }, { do: 'read', page: 'lib[1]' })],
    batchSize: 2,
  }),
  scenarioOf({
    id: 'map-again',
    frames: 24,
    regions: [buf({ present: 'none', unmapped: true }), buf({ name: 'stack', at: '0x100000200000', growsDown: true })],
    cpus: [
      app(
        { do: 'mmap', region: 'buf' },
        { do: 'write', page: 'buf[1]' },
        { do: 'munmap', region: 'buf' },
        { do: 'mmap', region: 'buf' },
        { do: 'read', page: 'buf[0]' },
        { do: 'munmap', region: 'buf', first: 0, pages: 1 },
      ),
      { ...app(), lazy: true },
      app({ do: 'read', page: 'stack[0]' }),
    ],
    devices: [gpu({ do: 'write', page: 'buf[1]' }), { name: 'NIC', script: [{ do: 'write', page: 'stack[any]' }] }],
  }),
  scenarioOf({
    id: 'heap',
    frames: 14,
    regions: [buf({ name: 'heap', pages: 4, present: [0, 1, 3] })],
    cpus: [
      app({ do: 'brk', region: 'heap', first: 2, pages: 2 }, { do: 'brk', region: 'heap' }),
      app({ do: 'write', page: 'heap[3]' }, { do: 'madvise-dontneed', region: 'heap', first: 1 }),
      other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'pte-bytes' }),
    ],
    devices: [gpu({ do: 'write', page: 'heap[any]' }, { do: 'read', page: 'heap[any]' })],
    iommu: { iotlb: 1, walkCache: 1, queue: 1 },
    batchSize: 2,
  }),
  scenarioOf({
    id: 'atc',
    frames: 20,
    cpus: [
      app({ do: 'madvise-dontneed', region: 'buf' }, { do: 'munmap', region: 'buf' }),
      app({ do: 'write', page: 'buf[1]' }),
    ],
    devices: [
      {
        name: 'GPU 0',
        ats: { atc: 1 },
        script: [
          { do: 'write', page: 'buf[any]' },
          { do: 'read', page: 'buf[0]' },
        ],
      },
      {
        name: 'GPU 1',
        ats: { atc: 2 },
        script: [
          { do: 'read', page: 'buf[any]' },
          { do: 'write', page: 'buf[any]' },
        ],
      },
    ],
    iommu: { iotlb: 2, walkCache: 2, queue: 4 },
    batchSize: 2,
  }),
  scenarioOf({
    id: 'no-device',
    frames: 12,
    cpus: [app({ do: 'munmap', region: 'buf' }), app({ do: 'write', page: 'buf[1]' })],
    batchSize: 1,
  }),
]

export const EVERY_SCENARIO: readonly Scenario[] = [...SCENARIOS, ...PATHS]
