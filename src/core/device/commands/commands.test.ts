import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { raisedPermission } from '../../bugs/scenarios/raised-permission.ts'
import { runToEnd } from '../../explorer/explore.ts'
import { search } from '../../explorer/search.ts'
import { captionOf } from '../../machine/caption.ts'
import { presetOf } from '../../policy/presets.ts'
import { applySwitches } from '../../policy/switches.ts'
import { compileInterleaving } from '../../runs/interleaving.ts'
import { buildLab } from '../../scenarios/build.ts'
import { propertiesOf, systemOf } from '../../scenarios/exploration.ts'
import type { Scenario } from '../../scenarios/scenario.ts'
import { scenarioById } from '../../scenarios/scenario-list.ts'
import { costOf } from '../../studies/cost/cost-of.ts'
import { placeOf } from '../../studies/cost/measures.ts'
import { answerOfStudy } from '../../studies/study.ts'
import { runAlone } from '../../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../../testing/labs.ts'
import { iommuView } from '../../view/translators.ts'
import { alignedAround, alignedBlocks, type Span } from './block.ts'

const span: fc.Arbitrary<Span> = fc
  .record({ first: fc.nat(2 ** 30), more: fc.nat(600) })
  .map(({ first, more }) => ({ first, last: first + more }))

const holdsAll = (block: { first: number; pages: number }, { first, last }: Span): boolean =>
  block.first <= first && block.first + block.pages > last

const isPower = (pages: number): boolean => Number.isInteger(Math.log2(pages))

describe('a range as hardware can name it', () => {
  it('is the smallest aligned block that has all of it inside', () => {
    fc.assert(
      fc.property(span, of => {
        const block = alignedAround(of)
        if (block === 'all') throw new Error('not everything')
        expect(holdsAll(block, of) && isPower(block.pages) && block.first % block.pages === 0).toBe(true)
        const half = block.pages / 2
        const halves = [block.first, block.first + half].map(first => ({ first, pages: half }))
        expect(half < 1 || halves.every(smaller => !holdsAll(smaller, of))).toBe(true)
      }),
    )
  })

  it('or, as VT-d had it up to 6.11, one or two aligned blocks that are as large as it is', () => {
    fc.assert(
      fc.property(span, of => {
        const { first, pages, commands } = alignedBlocks(of)
        const size = pages / commands
        expect(holdsAll({ first, pages }, of) && isPower(size) && first % size === 0).toBe(true)
        expect(commands === 1 || commands === 2).toBe(true)
        expect(size).toBeLessThan(2 * (of.last - of.first + 1))
      }),
    )
  })

  it('is everything where the two ends differ in the highest bits', () => {
    expect(alignedAround({ first: 0, last: 2 ** 50 })).toBe('all')
    expect(alignedAround({ first: 1, last: 2 })).toEqual({ first: 0, pages: 4, commands: 1 })
    expect(alignedBlocks({ first: 1, last: 2 })).toEqual({ first: 0, pages: 4, commands: 2 })
  })
})

const munmap = known(scenarioById('ats-munmap'), 'ats-munmap')

/** What is said of commands while somebody unmaps. */
function said(scenario: Scenario, chosen: Chosen, who = 0): string[] {
  const run = runAlone(labOf(scenario, chosen), who)
  const page = () => 'buf[0]'
  const names = { page, cpu: (i: number) => `CPU ${i}`, device: () => 'GPU 0' }
  return run.film.flatMap(({ events }) =>
    events.flatMap(event =>
      [
        'invalidation-queued',
        'invalidation-executed',
        'atc-invalidate-requested',
        'rest-queued',
        'invalidation-completed',
      ].includes(event.type)
        ? [captionOf(event, names)]
        : [],
    ),
  )
}

describe('the commands of a driver', () => {
  it('VT-d 6.6: each is waited for by itself', () => {
    expect(said(munmap, { kernel: '6.6', switches: { commands: 'vtd' } })).toMatchInlineSnapshot(`
      [
        "CPU 0 queues an invalidate of buf[0], as PIOTLB invalidate (AM=0, IH=0)",
        "PIOTLB invalidate (AM=0, IH=0): the IOMMU drops what it holds of buf[0]: no entries",
        "the invalidate is seen to be complete: the wait descriptor is done",
        "CPU 0 queues what it has held back: an invalidate of buf[0] for the ATC of GPU 0, as Dev-TLB invalidate (S=0, 1 page)",
        "Dev-TLB invalidate (S=0, 1 page): the IOMMU sends GPU 0 an Invalidate Request for buf[0]",
        "the invalidate is seen to be complete: the wait descriptor is done",
      ]
    `)
  })

  it('VT-d 6.14: a batch, and one wait', () => {
    expect(said(munmap, { kernel: '6.14', switches: { commands: 'vtd' } })).toMatchInlineSnapshot(`
      [
        "CPU 0 queues an invalidate of buf[0], as PIOTLB invalidate (AM=0, IH=0)",
        "PIOTLB invalidate (AM=0, IH=0): the IOMMU drops what it holds of buf[0]: no entries",
        "Dev-TLB invalidate (S=0, 1 page): the IOMMU sends GPU 0 an Invalidate Request for buf[0]",
        "the invalidate is seen to be complete: the wait descriptor is done",
      ]
    `)
  })

  it('AMD: two commands, and one wait', () => {
    expect(said(munmap, { kernel: '6.14', switches: { commands: 'amd' } })).toMatchInlineSnapshot(`
      [
        "CPU 0 queues an invalidate of buf[0], as INVALIDATE_IOMMU_PAGES (S=0, 1 page, PDE=1)",
        "INVALIDATE_IOMMU_PAGES (S=0, 1 page, PDE=1): the IOMMU drops what it holds of buf[0]: no entries",
        "INVALIDATE_IOTLB_PAGES (S=0, 1 page): the IOMMU sends GPU 0 an Invalidate Request for buf[0]",
        "the invalidate is seen to be complete: the COMPLETION_WAIT is done",
      ]
    `)
  })

  it('SMMUv3: a sync after the TLBI, another after the ATC’s command', () => {
    expect(said(munmap, { kernel: '6.19', arch: 'arm64', switches: { commands: 'smmuv3' } })).toMatchInlineSnapshot(`
      [
        "CPU 0 queues an invalidate of buf[0], as CMD_TLBI_NH_VA (leaf=0, 1 page)",
        "CMD_TLBI_NH_VA (leaf=0, 1 page): the IOMMU drops what it holds of buf[0]: no entries",
        "the invalidate is seen to be complete: the CMD_SYNC is done",
        "CPU 0 queues what it has held back: an invalidate of buf[0] for the ATC of GPU 0, as CMD_ATC_INV (1 page)",
        "CMD_ATC_INV (1 page): the IOMMU sends GPU 0 an Invalidate Request for buf[0]",
        "the invalidate is seen to be complete: the CMD_SYNC is done",
        "CPU 0 queues an invalidate of buf[0], as CMD_TLBI_NH_VA (leaf=0, 1 page)",
        "CMD_TLBI_NH_VA (leaf=0, 1 page): the IOMMU drops what it holds of buf[0]: no entries",
        "the invalidate is seen to be complete: the CMD_SYNC is done",
        "CPU 0 queues what it has held back: an invalidate of buf[0] for the ATC of GPU 0, as CMD_ATC_INV (1 page)",
        "CMD_ATC_INV (1 page): the IOMMU sends GPU 0 an Invalidate Request for buf[0]",
        "the invalidate is seen to be complete: the CMD_SYNC is done",
      ]
    `)
  })

  it('wait in the queue as the driver wrote them, the wait behind the last', () => {
    const lab = labOf(munmap, { kernel: '6.14', switches: { commands: 'amd' } })
    const run = runAlone(lab)
    const states = Array.from({ length: run.length + 1 }, (_, i) => iommuView(lab.setup, run.stateAt(i)).queue)
    const longest = known(
      states.find(queue => queue.length === 2),
      'two commands',
    )
    expect(longest.map(({ command, wait }) => [command?.name, command?.fields, wait])).toEqual([
      ['INVALIDATE_IOMMU_PAGES', 'S=0, 1 page, PDE=1', undefined],
      ['INVALIDATE_IOTLB_PAGES', 'S=0, 1 page', 'COMPLETION_WAIT'],
    ])
  })
})

const verdict = (scenario: string | Scenario, chosen: Chosen, rules: readonly string[]): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab, rules), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('a raised permission that the SMMU is told of', () => {
  const raised: Scenario = {
    ...raisedPermission,
    devices: raisedPermission.devices.map(d => ({ ...d, ats: { atc: 1 } })),
    iommu: { iotlb: 1, walkCache: 0, queue: 2 },
  }
  const chosen = { kernel: '6.19', arch: 'arm64', switches: { commands: 'smmuv3' } } as const
  const queued = (scenario: Scenario): readonly string[] => {
    const { run, stuck } = compileInterleaving(labOf(scenario, chosen), [
      {
        says: '',
        moves: [
          ['CPU 0', 'through', 'rest-queued'],
          ['IOMMU', 'steps', 1],
          ['GPU 0 ATC', 'steps', 1],
          ['CPU 0', 'through', 'syscall-returned'],
          ['GPU 0', 'through', 'device-accessed'],
          ['GPU 0', 'through', scenario.iommu.pageRequests === undefined ? 'page-requested' : 'page-request-queued'],
          ...(scenario.iommu.pageRequests === undefined
            ? []
            : [['PRQ thread', 'through', 'page-group-complete'] as const]),
          ['Fault worker', 'through', 'rest-queued'],
          ['IOMMU', 'steps', 1],
          ['GPU 0 ATC', 'steps', 1],
          ['Fault worker', 'through', 'page-request-answered'],
        ],
      },
    ])
    expect(stuck).toBeNull()
    const events = run.film.flatMap(step => (step.actor.name.startsWith('CPU') ? [] : step.events))
    const named = new Set(['invalidation-queued', 'rest-queued', 'invalidation-executed', 'atc-invalidate-requested'])
    return events.flatMap(e => (named.has(e.type) ? [e.type] : [])).slice(-4)
  }

  it.each([
    ['each device has its one request', raised],
    ['requests wait in a queue', { ...raised, iommu: { ...raised.iommu, pageRequests: { queue: 1 } } }],
  ] as const)('the fault worker waits for the TLBI before it sends CMD_ATC_INV: %s', (_, scenario) => {
    expect(queued(scenario)).toEqual([
      'invalidation-queued',
      'invalidation-executed',
      'rest-queued',
      'atc-invalidate-requested',
    ])
  })
})

describe('a queue that executes in any order', () => {
  const any = { queueOrder: 'any-order' } as const
  it.each([
    ['no wait in between', { kernel: '6.6', switches: { ...any, waitBetween: 'never' } }],
    ['AMD, one COMPLETION_WAIT for both', { kernel: '6.14', switches: { ...any, commands: 'amd' } }],
    ['VT-d from 6.12 on, one wait for the batch', { kernel: '6.14', switches: { ...any, commands: 'vtd' } }],
  ] as const)('the ATC is filled again from the stale IOTLB: %s', (_, chosen) => {
    expect(verdict(munmap, chosen, ['I1'])).toBe('violated')
    expect(verdict(munmap, chosen, ['I11'])).toBe('violated')
  })

  it.each([
    ['a wait in between', { kernel: '6.6', switches: { ...any, waitBetween: 'always' } }],
    ['VT-d up to 6.11, a wait for each', { kernel: '6.6', switches: { ...any, commands: 'vtd' } }],
    ['SMMUv3, a sync for each', { kernel: '6.19', arch: 'arm64', switches: { ...any, commands: 'smmuv3' } }],
    ['in order, with no wait', { kernel: '6.14', switches: { commands: 'amd' } }],
  ] as const)('nothing is reached that is freed: %s', (_, chosen) => {
    expect(verdict(munmap, chosen, ['I1', 'I2', 'I4', 'I11'])).toBe('holds')
  })

  it('nor is the SMMU safe by itself: its first sync is needed', () => {
    // Its munmap() flushes once more for the tables, which mends it; MADV_DONTNEED does not.
    const dontneed: Scenario = {
      ...munmap,
      cpus: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'buf' }] }],
    }
    const of = (waitBetween: 'as-driver' | 'never'): string => {
      const switches = { ...any, commands: 'smmuv3', waitBetween } as const
      return verdict(dontneed, { kernel: '6.19', arch: 'arm64', switches }, ['I1'])
    }
    expect([of('as-driver'), of('never')]).toEqual(['holds', 'violated'])
  })

  it('a wait in between does not help who flushes the ATC first', () => {
    const chosen = { kernel: '6.6', switches: { waitBetween: 'always', invalidateOrder: 'atc-first' } } as const
    expect(verdict(munmap, chosen, ['I1'])).toBe('violated')
    expect(verdict(munmap, chosen, ['I11'])).toBe('violated')
    expect(verdict(munmap, { kernel: '6.6', switches: { invalidateOrder: 'atc-first' } }, ['I11'])).toBe('violated')
  })
})

describe('a device that may leave an Invalidate Request unanswered', () => {
  const silent: Scenario = {
    ...munmap,
    devices: munmap.devices.map(d => ({ ...d, ats: { atc: 1, timesOut: true } })),
  }

  it.each([
    ['SMMUv3 reports it and goes on', { kernel: '6.19', arch: 'arm64', switches: { commands: 'smmuv3' } }, 'violated'],
    ['VT-d sends the command again, up to 6.11', { kernel: '6.6', switches: { commands: 'vtd' } }, 'holds'],
    ['VT-d sends the command again, from 6.12 on', { kernel: '6.14', switches: { commands: 'vtd' } }, 'holds'],
    ['VT-d, if it went on', { kernel: '6.14', switches: { commands: 'vtd', atcTimeout: 'carry-on' } }, 'violated'],
    [
      'SMMUv3, if it did not go on',
      { kernel: '6.19', arch: 'arm64', switches: { commands: 'smmuv3', atcTimeout: 'retry' } },
      'holds',
    ],
  ] as const)('keeps a freed frame in its ATC, or does not: %s', (_, chosen, kind) => {
    expect(verdict(silent, chosen, ['I1', 'I4'])).toBe(kind)
  })

  it('can keep a driver that tries again for ever: each time all is as it was before', () => {
    const lab = labOf(silent, { kernel: '6.14', switches: { commands: 'vtd' } })
    const { run, ends, stuck } = compileInterleaving(lab, [
      {
        says: '',
        moves: [
          ['CPU 0', 'through', 'secondary-tlb-invalidate-called'],
          ['IOMMU', 'steps', 2],
          ['GPU 0 ATC', 'through', 'say nothing'],
        ],
      },
      {
        says: '',
        moves: [
          ['CPU 0', 'through', 'atc-invalidate-retried'],
          ['IOMMU', 'steps', 1],
          ['GPU 0 ATC', 'through', 'say nothing'],
        ],
      },
    ])
    expect(stuck).toBeNull()
    expect(run.film.slice(-4).map(step => step.sentence)).toMatchInlineSnapshot(`
      [
        "GPU 0 ATC: GPU 0 has not answered the Invalidate Request for buf[0]: the IOMMU gives it up.",
        "CPU 0 sees the time-out, and queues the invalidate of buf[0] for the ATC of GPU 0 again, as Dev-TLB invalidate (S=0, 1 page).",
        "Dev-TLB invalidate (S=0, 1 page): the IOMMU sends GPU 0 an Invalidate Request for buf[0].",
        "GPU 0 ATC: GPU 0 has not answered the Invalidate Request for buf[0]: the IOMMU gives it up.",
      ]
    `)
    expect(run.checksumAt(known(ends[1], 'end'))).toBe(run.checksumAt(known(ends[0], 'end')))
  })
})

describe('an invalidate of leaf entries only', () => {
  it.each(['vtd', 'amd', 'smmuv3'] as const)('leaves a freed table in the walk cache: %s', commands => {
    const of = (invalidateKind: 'leaf' | 'non-leaf'): string =>
      verdict('munmap-page-table', { kernel: '6.14', switches: { commands, invalidateKind } }, ['I2'])
    expect([of('leaf'), of('non-leaf')]).toEqual(['violated', 'holds'])
  })

  it('is enough where one page goes and no table: IH=1 in invalidate_page of VT-d', () => {
    const reclaim = scenarioOf({
      frames: 8,
      regions: [buf({ pages: 1 })],
      cpus: [app(), { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'reclaim', region: 'buf' }] }],
      devices: [gpu({ do: 'write', page: 'buf[0]' })],
      iommu: { iotlb: 1, walkCache: 2, queue: 2 },
    })
    const chosen = { kernel: '3.19', switches: { commands: 'vtd' } } as const
    expect(said(reclaim, chosen, 1).filter(text => text.includes('IH=1'))).not.toEqual([])
    expect(verdict(reclaim, chosen, ['I1', 'I2'])).toBe('holds')
  })
})

describe('what is dropped besides', () => {
  /** buf[1] and buf[2] of four pages go, out of line with any block; the device uses buf[0]. */
  const middle = scenarioOf({
    frames: 12,
    regions: [buf({ pages: 4 })],
    cpus: [{ ...app({ do: 'madvise-dontneed', region: 'buf', first: 1, pages: 2 }), tlb: 0, walkCache: 0 }],
    devices: [gpu({ do: 'read', page: 'buf[0]' })],
    iommu: { iotlb: 2, walkCache: 0, queue: 2 },
  })
  const most = (chosen: Chosen, id: string, scenario = middle): number | null => {
    const { kernel = '6.14', arch = 'x86', switches = {} } = chosen
    const lab = buildLab(scenario, applySwitches(presetOf(kernel, arch, 'notifier'), switches))
    const { figures } = answerOfStudy(costOf(lab, { states: 200_000, bytes: 2 ** 28 }))
    const figure = figures[placeOf(id)]
    return figure?.absent === null ? figure.most.value : null
  }

  it('depends on how ranges are named: AMD’s and VT-d’s block takes buf[0] too, the SMMU does not', () => {
    const needless = (kernel: '4.15' | '6.14', commands: 'plain' | 'vtd' | 'amd' | 'smmuv3'): number | null =>
      most({ kernel, switches: { commands } }, 'needless-drops')
    expect(needless('6.14', 'plain')).toBe(0)
    expect(needless('6.14', 'smmuv3')).toBe(0)
    expect(needless('6.14', 'vtd')).toBe(1)
    expect(needless('6.14', 'amd')).toBe(1)
    // Told twice: by end(), and by the gather.
    expect(needless('4.15', 'amd')).toBe(2)
  })

  it('and in ATCs too: that of the SMMU’s command is a block', () => {
    const withAtc: Scenario = {
      ...middle,
      devices: [{ name: 'GPU 0', ats: { atc: 1 }, script: [{ do: 'read', page: 'buf[0]' }] }],
      iommu: { iotlb: 1, walkCache: 0, queue: 2 },
    }
    const needless = (commands: 'plain' | 'smmuv3'): number | null =>
      most({ kernel: '6.19', arch: 'arm64', switches: { commands } }, 'needless-drops', withAtc)
    expect([needless('plain'), needless('smmuv3')]).toEqual([0, 1])
  })

  it('VT-d up to 6.11 needs two commands for what lies in two blocks', () => {
    expect(most({ kernel: '6.6', switches: { commands: 'vtd' } }, 'iotlb-commands')).toBe(2)
    expect(most({ kernel: '6.14', switches: { commands: 'vtd' } }, 'iotlb-commands')).toBe(1)
  })
})
