import { describe, expect, it } from 'vitest'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import type { Property } from '../explorer/system.ts'
import type { Machine } from '../machine/cells.ts'
import { compileInterleaving, type Line } from '../runs/interleaving.ts'
import type { Run } from '../runs/run.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { filmOf } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'
import { viewOf } from '../view/view-of.ts'

/** A device that wants pages that nobody has touched; `asksFor` at once. */
const wanting = (queue: number, more: { readonly mayFail?: boolean; readonly devices?: number } = {}): Scenario => {
  const { mayFail, devices = 1 } = more
  return scenarioOf({
    regions: [buf({ pages: 2, present: 'none' })],
    cpus: [app()],
    devices: Array.from({ length: devices }, (_, i) => ({
      ...gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'buf[1]' }),
      name: `GPU ${i}`,
      asksFor: 2,
    })),
    iommu: {
      iotlb: 2,
      walkCache: 0,
      queue: 1,
      pageRequests: mayFail === undefined ? { queue } : { queue, mayFail },
    },
  })
}

function play(scenario: Scenario, ...moves: Line[]): Run {
  const { run, stuck } = compileInterleaving(labOf(scenario), [{ says: '', moves }])
  expect(stuck).toBeNull()
  return run
}

const now = (run: Run) => viewOf(run.lab, run.stateAt(run.length))

describe('a page request', () => {
  it('is one of a group, which is handled page by page and answered once, when its Last has been taken out', () => {
    const run = play(wanting(4), ['GPU 0', 'through', 'device-accessed'])
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "GPU 0                   Fault worker                         PRQ thread
      DMA [miss]
      page walk [request]
      Page Request [request]
                                                                   iommu_report_device_fault [part of a group]
                                                                   iommu_report_device_fault [group 0]
                              mmap_read_lock [fault]
                              handle_mm_fault [map buf[0]]
                              mmap_read_unlock [mmap_read_unlock]
                              mmap_read_lock [fault]
                              handle_mm_fault [map buf[1]]
                              iopf_group_response [success]
      DMA [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [PTE]
      IOTLB fill [fill]
      DMA [write]"
    `)
    expect(run.film.flatMap(s => s.events).filter(e => e.type === 'page-request-answered')).toHaveLength(1)
  })

  it('waits in the queue, and then in software, where it can be seen', () => {
    const sent = play(wanting(4), ['GPU 0', 'through', 'page-request-queued'])
    expect(now(sent).iommu.pageRequests).toMatchObject({
      queue: [{ device: 'GPU 0', label: 'buf[0]', group: 0, last: false }],
      partial: [],
      overflow: false,
    })
    const taken = play(wanting(4), ['GPU 0', 'through', 'page-request-queued'], ['PRQ thread', 'steps', 1])
    expect(now(taken).iommu.pageRequests).toMatchObject({ queue: [], partial: [{ label: 'buf[0]' }], groups: [] })
  })

  it('that finds no room is lost. A Last is answered with Success, and the device tries again', () => {
    const run = play(wanting(1), ['GPU 0', 'steps', 3])
    expect(run.film.at(-1)?.sentence).toBe(
      'GPU 0 asks for buf[1], and the page request queue has no room: the IOMMU answers Success, so that it tries again.',
    )
    expect(now(run).iommu.pageRequests).toMatchObject({ overflow: true, queue: [{ label: 'buf[0]' }] })
    expect(now(run).devices[0]?.phase).toBe('retrying')
  })

  it('of a group whose Last was lost is forgotten before the hardware takes requests again', () => {
    const run = play(wanting(1), ['GPU 0', 'steps', 3], ['PRQ thread', 'steps', 2])
    expect(run.film.at(-1)?.sentence).toBe('PRQ thread: clears the overflow and forgets one request without a Last.')
    expect(now(run).iommu.pageRequests).toMatchObject({ overflow: false, partial: [], queue: [] })
  })

  it('gets no answer twice, and none is left over when all is done: with room, without, and for two devices', () => {
    for (const scenario of [wanting(4), wanting(1), wanting(2, { devices: 2 })]) {
      const lab = labOf(scenario)
      const left: Property = {
        id: 'left over',
        sentence: 'Nothing is left over',
        expect: 'always',
        holds: words => {
          const m = words as Machine
          if (lab.actors.some(a => a.ready(m) > 0)) return true
          const { devices, iommu } = viewOf(lab, m)
          const { queue, partial, groups } = iommu.pageRequests ?? { queue: [0], partial: [], groups: [] }
          return queue.length + partial.length + groups.length === 0 && devices.every(d => d.phase === 'finished')
        },
      }
      expect(runToEnd(search(systemOf(lab), [left], { states: 200_000, bytes: 2 ** 28 })).kind).toBe('holds')
    }
  })
})

describe('the answer', () => {
  it('Invalid Request: one page of the group cannot be had. The device does not try again', () => {
    const scenario = {
      ...wanting(4),
      cpus: [app({ do: 'munmap', region: 'buf', first: 1, pages: 1 })],
    }
    const run = play(
      scenario,
      ['CPU 0', 'through', 'syscall-returned'],
      ['GPU 0', 'steps', 3],
      ['Fault worker', 'through', 'page-request-answered'],
    )
    expect(run.film.at(-1)?.sentence).toBe('Fault worker: the page request of GPU 0 for buf[0] is answered: invalid.')
    expect(now(run).devices[0]?.phase).toBe('stopped')
  })

  it('Response Failure: there was no memory for the group. The device goes on, and asks for nothing any more', () => {
    const run = play(
      wanting(4, { mayFail: true }),
      ['GPU 0', 'steps', 3],
      ['PRQ thread', 'steps', 1],
      ['PRQ thread', 'through', 'pri-disabled', 'no memory'],
      ['GPU 0', 'through', 'page-request-forbidden'],
    )
    expect(run.film.at(-1)?.sentence).toBe('GPU 0 must not ask for buf[1], and stops.')
    expect(now(run).iommu.pageRequests?.mayNotAsk).toEqual(['GPU 0'])
  })
})

describe('a PASID that is given on', () => {
  const verdict = (chosen: Chosen, rules: readonly string[]): string => {
    const lab = labOf('pasid-reuse', chosen)
    return runToEnd(search(systemOf(lab), propertiesOf(lab, rules), { states: 100_000, bytes: 2 ** 28 })).kind
  }

  it.each([
    ['full', 'holds', 'holds'],
    ['entries', 'holds', 'violated'],
    ['none', 'violated', 'violated'],
  ] as const)(
    'leaves nothing of its first owner behind, if the unbind drops and drains all: %s',
    (pasidDrain, i1, i13) => {
      expect([
        verdict({ switches: { pasidDrain } }, ['I1', 'I2', 'I4']),
        verdict({ switches: { pasidDrain } }, ['I13']),
      ]).toEqual([i1, i13])
    },
  )

  it('was drained of page requests from 5.8 on', () => {
    expect([verdict({ kernel: '5.5' }, ['I13']), verdict({ kernel: '6.1' }, ['I13'])]).toEqual(['violated', 'holds'])
  })

  it('that is not flushed leads the device to the memory of its first owner', () => {
    const lab = labOf('pasid-reuse', { switches: { pasidDrain: 'none' } })
    const { run, stuck } = compileInterleaving(lab, [
      {
        says: '',
        moves: [
          ['GPU 0', 'through', 'device-accessed'],
          ['CPU 0', 'through', 'pasid-given-up'],
          ['CPU 1', 'through', 'pasid-bound'],
          ['GPU 0', 'through', 'device-accessed'],
        ],
      },
    ])
    expect(stuck).toBeNull()
    expect(run.film.at(-1)?.sentence).toBe(
      'GPU 0 writes theirs[0] in pfn 9. pfn 9 is that of buf[0], of app, which had the PASID before.',
    )
  })

  it('leaves its first owner’s page tables in the walk cache, if it is not flushed', () => {
    const shipped = labOf('pasid-reuse').scenario
    const scenario: Scenario = {
      ...shipped,
      iommu: { ...shipped.iommu, walkCache: 3 },
      devices: [gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'theirs[1]' })],
    }
    const verdicts = (['full', 'none'] as const).map(pasidDrain => {
      const lab = labOf(scenario, { switches: { pasidDrain } })
      return runToEnd(search(systemOf(lab), propertiesOf(lab, ['I2']), { states: 200_000, bytes: 2 ** 28 })).kind
    })
    expect(verdicts).toEqual(['holds', 'violated'])
    const lab = labOf(scenario, { switches: { pasidDrain: 'none' } })
    const { run, stuck } = compileInterleaving(lab, [
      {
        says: '',
        moves: [
          ['GPU 0', 'through', 'device-accessed'],
          ['CPU 0', 'through', 'pasid-given-up'],
          ['CPU 1', 'through', 'pasid-bound'],
          ['GPU 0', 'through', 'walked-after-free'],
        ],
      },
    ])
    expect(stuck).toBeNull()
    expect(run.film.at(-1)?.sentence).toMatchInlineSnapshot(
      `"GPU 0: the IOMMU reads the PTE entry for theirs[1] in pfn 5: not present. pfn 5 is a page table of app, which had the PASID before."`,
    )
  })

  it('goes on at once when the numbers differ: no entry of one is found under the other', () => {
    const shipped = labOf('pasid-reuse').scenario
    const scenario: Scenario = {
      ...shipped,
      cpus: [app({ do: 'munmap', region: 'buf' }), { task: 'child', tlb: 0, walkCache: 0, script: [] }],
      iommu: { ...shipped.iommu, walkCache: 1, pasids: { app: 1, child: 2 } },
      devices: [
        gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'theirs[0]' }, { do: 'write', page: 'theirs[1]' }),
      ],
    }
    expect(checkScenario(scenario)).toEqual([])
    const lab = labOf(scenario)
    const rules = propertiesOf(lab, ['I1', 'I2', 'I4', 'I5', 'I13'])
    expect(runToEnd(search(systemOf(lab), rules, { states: 200_000, bytes: 2 ** 28 })).kind).toBe('holds')
  })
})

describe('a flush that names a PASID', () => {
  const two = scenarioOf({
    regions: [buf(), buf({ name: 'theirs', at: '0x200000000000', pages: 1, mm: 'child' })],
    cpus: [app({ do: 'munmap', region: 'buf' }), { task: 'child', tlb: 0, walkCache: 0, script: [] }],
    devices: [gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'theirs[0]' })],
    iommu: { iotlb: 2, walkCache: 0, queue: 2, pageRequests: { queue: 2 }, pasids: { app: 1, child: 2 } },
  })
  const flushed = (scenario: Scenario, chosen: Chosen): Run => {
    const lab = labOf(scenario, chosen)
    const moves: Line[] = [
      ['GPU 0', 'through', 'device-accessed'],
      ['GPU 0', 'through', 'device-accessed'],
      ['CPU 0', 'through', 'invalidation-completed'],
    ]
    const { run, stuck } = compileInterleaving(lab, [{ says: '', moves }])
    expect(stuck).toBeNull()
    return run
  }
  const left = (run: Run) => now(run).iommu.iotlb.map(e => e.label)
  const queued = (run: Run) =>
    run.film.flatMap(s => s.events.flatMap(e => (e.type === 'invalidation-queued' ? [e.command] : [])))

  it('leaves what is cached under another: AMD flushes all of the process that unmaps two pages', () => {
    const run = flushed(two, { kernel: '6.14', switches: { commands: 'amd', amdRange: 'everything' } })
    expect(queued(run)).toEqual(['INVALIDATE_IOMMU_PAGES (S=1, everything, PDE=1)'])
    expect(left(run)).toEqual(['theirs[0]'])
  })

  it('is what an unbind sends', () => {
    const unbound = {
      ...two,
      cpus: [app({ do: 'sva-unbind' }), { task: 'child', tlb: 0, walkCache: 0, script: [] }] as const,
    }
    const names = { vtd: 'PIOTLB invalidate (PASID-selective)', smmuv3: 'CMD_TLBI_NH_ASID (the ASID)' } as const
    for (const commands of ['vtd', 'smmuv3'] as const) {
      const run = flushed(unbound, { kernel: '6.14', switches: { commands } })
      expect(queued(run)).toEqual([names[commands]])
      expect(left(run)).toEqual(['theirs[0]'])
    }
  })
})

describe('what does not fit together is said', () => {
  const at = (change: Partial<Scenario>): string[] =>
    checkScenario({ ...labOf('pasid-reuse').scenario, ...change }).map(p => `${p.at}: ${p.message}`)
  const { cpus } = labOf('pasid-reuse').scenario

  it('requests, numbers and scripts', () => {
    expect(at({ iommu: { iotlb: 1, walkCache: 0, queue: 1 } })).toMatchInlineSnapshot(`
      [
        "devices[0].asksFor: there is no queue for its requests",
        "devices[0].script[2].page: devices do not know the child",
        "cpus[0].script[0].do: sva-unbind is about PASIDs, and there are none",
        "cpus[1].script[0].do: sva-bind is about PASIDs, and there are none",
      ]
    `)
    expect(at({ cpus: [...cpus].reverse().map(cpu => ({ ...cpu, script: [] })) })).toMatchInlineSnapshot(`
      [
        "iommu.pasids.child: the app keeps the number",
        "iommu.pasids.child: the child never gets the number",
      ]
    `)
  })
})
