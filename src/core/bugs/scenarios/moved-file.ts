import type { Region, Scenario } from '../../scenarios/scenario.ts'

/** A page of a file, and where it is moved to. */
export const MOVED_FILE: readonly Region[] = [
  { name: 'old', at: '0x100000000000', pages: 1, kind: 'file', protection: 'rw', present: 'all' },
  {
    name: 'new',
    at: '0x100000200000',
    pages: 1,
    kind: 'file',
    protection: 'rw',
    present: 'none',
    unmapped: true,
    sharesWith: 'old',
  },
]

/** A page of a file is moved to another address while somebody truncates the file. Who still uses the old address varies. */
export const movedFile = ({
  clean = false,
  ...parts
}: Pick<Scenario, 'id' | 'title' | 'purpose' | 'lookFor' | 'bugs' | 'devices'> & {
  /** The page is read only, and never dirty. */
  readonly clean?: boolean
}): Scenario => ({
  format: 1,
  ...parts,
  memory: {
    frames: 12,
    regions: clean ? MOVED_FILE.map(region => ({ ...region, protection: 'r' })) : MOVED_FILE,
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'mremap', region: 'old', to: 'new' }] },
    { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'truncate', region: 'old' }] },
    ...(parts.devices.length === 0
      ? ([
          {
            task: 'app',
            tlb: 1,
            walkCache: 0,
            script: [
              { do: clean ? 'read' : 'write', page: 'old[0]' },
              { do: clean ? 'read' : 'write', page: 'old[0]' },
            ],
          },
        ] as const)
      : []),
  ],
  iommu: { iotlb: parts.devices.length, walkCache: 0, queue: 2 },
  batchSize: 16,
  switches: {},
  breaks: [],
})
