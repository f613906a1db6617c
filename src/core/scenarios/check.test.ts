import { describe, expect, it } from 'vitest'
import { problemLine } from '../base/problem.ts'
import { presetOf } from '../policy/presets.ts'
import { buildLab } from './build.ts'
import { checkScenario } from './check.ts'
import { MOST_PAGES } from './check-memory.ts'
import type { CpuAction, Region, Scenario } from './scenario.ts'
import { SCENARIOS } from './scenario-list.ts'

const buf: Region = {
  name: 'buf',
  at: '0x100000000000',
  pages: 2,
  kind: 'anon',
  protection: 'rw',
  present: 'all',
}

/** One region, one CPU that does nothing, one device that does nothing; the rest as given. */
const scenario = (parts: Partial<Scenario>): Scenario => ({
  format: 1,
  id: 'test',
  title: 'Test',
  purpose: 'To test.',
  lookFor: 'Problems.',
  bugs: [],
  memory: { frames: 32, regions: [buf] },
  cpus: [{ task: 'app', tlb: 2, walkCache: 2, script: [] }],
  devices: [{ name: 'GPU 0', script: [] }],
  iommu: { iotlb: 2, walkCache: 2, queue: 2 },
  batchSize: 4,
  switches: {},
  breaks: [],
  ...parts,
})

const complaints = (parts: Partial<Scenario>): string[] => checkScenario(scenario(parts)).map(problemLine)
const regions = (...list: Region[]): string[] => complaints({ memory: { frames: 64, regions: list } })
const script = (...actions: CpuAction[]): string[] =>
  complaints({ cpus: [{ task: 'app', tlb: 2, walkCache: 2, script: actions }] })

describe('checking a scenario', () => {
  it.each(SCENARIOS.map(s => [s.id, s] as const))('%s has no problems', (_, shipped) => {
    expect(checkScenario(shipped)).toEqual([])
  })

  it('wants regions that can be told apart and lie where user memory can', () => {
    expect(regions(buf, { ...buf, at: '0x200000000000' })).toEqual([
      'memory.regions[1].name: “buf” is taken. Give each region a name of its own.',
    ])
    expect(regions(buf, { ...buf, name: 'next', at: '0x100000001000' })).toEqual([
      'memory.regions[1].at: it overlaps buf. Move one of them, or make it smaller.',
    ])
    expect(regions(buf, { ...buf, name: 'next', at: '0x100000002000' })).toEqual([])
    expect(regions({ ...buf, at: '0x100000000800' })).toEqual([
      'memory.regions[0].at: a region begins at a page boundary. Write "0x100000000000".',
    ])
    expect(regions({ ...buf, at: '0x7fffffffe000' })).toEqual([])
    expect(regions({ ...buf, at: '0x7ffffffff000' })).toEqual([expect.stringContaining('beyond what user space')])
    expect(regions({ ...buf, at: '0xffff800000000000' })).toEqual([expect.stringContaining('beyond what user space')])
    expect(regions({ ...buf, at: '0x0' })).toEqual([expect.stringContaining('page 0 is never mapped')])
    expect(regions({ ...buf, name: 'Buf[0]' })).toEqual([expect.stringContaining('this cannot be a name')])
  })

  it('wants pages that are there', () => {
    expect(regions({ ...buf, present: [0, 0, 2] })).toEqual([
      'memory.regions[0].present[1]: page 0 is named twice. Name it once.',
      'memory.regions[0].present[2]: buf has pages 0 to 1. Name those.',
    ])
    expect(regions({ ...buf, present: [0], pinned: [1] })).toEqual([
      'memory.regions[0].pinned[0]: only a page that is present can be pinned. Leave it out here.',
    ])
    expect(regions({ ...buf, unmapped: true })).toEqual([
      'memory.regions[0].present: an unmapped region has no page present. Write "none".',
    ])
    const half = { ...buf, pages: MOST_PAGES / 2, present: 'none' } as const
    expect(regions(half, { ...half, name: 'more', at: '0x200000000000' })).toEqual([])
    expect(regions(half, { ...half, name: 'more', at: '0x200000000000', pages: half.pages + 1 })).toEqual([
      `memory.regions: ${MOST_PAGES + 1} pages in all are more than can be shown. Make do with ${MOST_PAGES}.`,
    ])
  })

  it('wants actions that fit their regions', () => {
    expect(script({ do: 'munmap', region: 'buff' })).toEqual([
      'cpus[0].script[0].region: there is no region “buff”. Did you mean “buf”?',
    ])
    expect(script({ do: 'madvise-dontneed', region: 'buf', first: 1, pages: 2 })).toEqual([
      'cpus[0].script[0].pages: buf has pages 0 to 1. From page 1 on, write 1 or less.',
    ])
    expect(script({ do: 'brk', region: 'buf', first: 2 })).toEqual([expect.stringMatching('^cpus.*first: buf has')])
    const two = [buf, { ...buf, name: 'heap', at: '0x200000000000' }]
    const munmap = (region: string, through: string, pages?: number) =>
      complaints({
        memory: { frames: 20, regions: two },
        cpus: [
          {
            task: 'app',
            tlb: 2,
            walkCache: 2,
            script: [{ do: 'munmap', region, through, ...(pages === undefined ? {} : { pages }) }],
          },
        ],
      })
    expect(munmap('buf', 'heap')).toEqual([])
    expect(munmap('heap', 'buf')).toEqual([expect.stringMatching('^cpus.*through: buf lies below heap')])
    expect(munmap('buf', 'heap', 1)).toEqual([expect.stringMatching('^cpus.*pages: the range ends with heap')])
    expect(script({ do: 'mmap', region: 'buf' })).toEqual([expect.stringContaining('buf is there from the start')])
    for (const act of ['read', 'gup-fast', 'speculate'] as const)
      expect(script({ do: act, page: 'buf[any]' })).toContainEqual(expect.stringContaining('only a device can choose'))
    expect(script({ do: 'read', page: 'buf[02]' })).toEqual([expect.stringContaining('this names no page')])
    expect(script({ do: 'write', page: 'buf[2]' })).toEqual([expect.stringContaining('buf has pages 0 to 1')])
    expect(complaints({ devices: [{ name: 'GPU 0', script: [{ do: 'read', page: 'buf[any]' }] }] })).toEqual([])
  })

  it('wants each CPU to do what its task can do', () => {
    const app = { task: 'app', tlb: 2, walkCache: 2, script: [] } as const
    const munmap = { do: 'munmap', region: 'buf' } as const
    expect(complaints({ cpus: [{ ...app, task: 'other' }] })).toEqual([expect.stringContaining('no CPU runs the app')])
    expect(complaints({ cpus: [app, { ...app, task: 'other', script: [munmap] }] })).toEqual([
      'cpus[1].script[0].do: the other process has no page table here, so it cannot munmap. It can only "allocate".',
    ])
    expect(script({ do: 'allocate', as: 'data' })).toEqual([expect.stringContaining('what the other process does')])
    expect(script({ do: 'exit' }, munmap)).toEqual([expect.stringContaining('nothing runs after exit')])
    expect(
      complaints({
        cpus: [
          { ...app, script: [{ do: 'exit' }] },
          { ...app, script: [munmap] },
        ],
      }),
    ).toEqual([expect.stringContaining('the mm goes with its last thread')])
    expect(complaints({ cpus: [{ ...app, tlb: 0, script: [{ do: 'read', page: 'buf[0]' }] }] })).toEqual([
      expect.stringContaining('needs a TLB entry'),
    ])
    expect(complaints({ cpus: [app, { ...app, lazy: true, script: [munmap] }] })).toEqual([
      expect.stringContaining('a lazy CPU runs a kernel thread'),
    ])
  })

  it('wants devices with names of their own, on one line', () => {
    const devices = ['GPU 0', 'GPU 0', 'CPU 0', 'NIC\n0'].map(name => ({ name, script: [] }))
    expect(complaints({ devices })).toEqual([
      'devices[1].name: “GPU 0” is taken. Give each device a name of its own.',
      'devices[2].name: “CPU 0” is taken. Give each device a name of its own.',
      'devices[3].name: it holds a control character. Write it on one line.',
    ])
  })

  it('wants schedules that can be read', () => {
    const tried = { what: 'It breaks.', kernel: '6.6', driver: 'notifier' } as const
    const breaks = ['01*9', '0!', '0z'].map(schedule => ({ ...tried, schedule }))
    expect(complaints({ breaks })).toEqual([
      expect.stringMatching('^breaks\\[1\\].schedule step 2, column 2: “!” does not name an actor'),
      'breaks[2].schedule step 2: there is no such actor. Actors are 0 to 4.',
    ])
  })

  it.each([
    ['pages of one table', [buf]],
    ['pages of two tables', [buf, { ...buf, name: 'far', at: '0x300000000000' }]],
    ['a range that crosses tables', [{ ...buf, at: '0x1000001ff000' }]],
    ['file pages, present or not', [{ ...buf, kind: 'file', present: [1] }]],
    ['a file that is not mapped', [{ ...buf, kind: 'file', present: 'none', unmapped: true }]],
    ['nothing present', [{ ...buf, present: 'none' }]],
  ] as [string, Region[]][])('counts frames as they are dealt out: %s', (_, list) => {
    const made = (frames: number) => scenario({ memory: { frames, regions: list } })
    const needed = Number(/\d+/.exec(checkScenario(made(1))[0]?.mend ?? '')?.[0])
    const build = (frames: number) => () => buildLab(made(frames), presetOf('6.6', 'x86', 'notifier'))
    expect(checkScenario(made(needed))).toEqual([])
    expect(build(needed)).not.toThrow()
    expect(build(needed - 1)).toThrow('frames are too few')
  })
})
