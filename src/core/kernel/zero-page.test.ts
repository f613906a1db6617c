import { describe, expect, it } from 'vitest'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { get } from '../machine/cells.ts'
import { pteAt, ptePfn, pteWrite } from '../machine/page-table.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'
import { viewOf } from '../view/view-of.ts'

/* The zero page: what is read and was never written is one frame for all, and a write replaces it as copy on write does. */

const cpu = (...script: CpuAction[]) => ({ ...app(...script), tlb: 1, walkCache: 0 })
const read = { do: 'read', page: 'data[0]' } as const
const write = { do: 'write', page: 'data[0]' } as const
const data = buf({ name: 'data', pages: 1, present: 'none' })
const flag = buf({ name: 'flag', at: '0x100000001000', pages: 1 })

const withZeroPage = (parts: Parameters<typeof scenarioOf>[0]): Scenario => scenarioOf({ zeroPage: true, ...parts })
const alone = withZeroPage({ frames: 9, regions: [data], cpus: [cpu(read, write)] })

/** A device has read the page while it was zero. It must not see the flag, and then zeroes. */
const ordered = withZeroPage({
  frames: 12,
  regions: [data, flag],
  cpus: [cpu(write, { do: 'write', page: 'flag[0]' })],
  devices: [gpu(read, { do: 'read', page: 'flag[0]' }, read)],
  iommu: { iotlb: 2, walkCache: 0, queue: 2 },
  accounts: ['order'],
})

const verdict = (chosen: Chosen): string => {
  const lab = labOf(ordered, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('the zero page', () => {
  it('is mapped by a read of what was never written, takes no frame, and goes with a write', () => {
    const lab = labOf(alone, { kernel: '6.1' })
    const run = runAlone(lab)
    const { shape, zeroFrame } = lab.setup
    const mapped = run.film.findIndex(step => step.mark === 'map data[0]')
    const before = run.stateAt(mapped + 1)
    expect(ptePfn(pteAt(shape, before, 0))).toBe(zeroFrame)
    expect(pteWrite(pteAt(shape, before, 0))).toBe(false)
    expect(viewOf(lab, before).frames[zeroFrame]?.label).toBe('zero')
    const m = run.stateAt(run.length)
    expect(ptePfn(pteAt(shape, m, 0))).not.toBe(zeroFrame)
    expect([shape.refcount, shape.mapcount].map(column => get(m, column, zeroFrame))).toEqual([1, 0])
    expect(accountsOf(lab, m)).toEqual([])
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "CPU 0
      load [miss]
      page walk [fault]
      mmap_read_trylock [mmap_read_trylock]
      handle_mm_fault [map data[0]]
      mmap_read_unlock [mmap_read_unlock]
      load [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [PTE]
      page walk [fill]
      load [read]
      store [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [fault]
      mmap_read_trylock [mmap_read_trylock]
      handle_mm_fault [handle_mm_fault]
      do_wp_page [do_wp_page]
      __wp_page_copy_user [__wp_page_copy_user]
      pte_offset_map_lock [pte_offset_map_lock]
      ptep_clear_flush [clear data[0]]
      set_pte_at [map data[0]]
      page_remove_rmap [page_remove_rmap]
      pte_unmap_unlock [pte_unmap_unlock]
      put_page [put_page]
      put_page [put_page]
      mmap_read_unlock [mmap_read_unlock]
      store [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [PTE]
      page walk [fill]
      store [write]"
    `)
  })

  it('is no frame that a zap frees, nor one that a child shares', () => {
    const child = buf({
      name: 'childs',
      at: '0x200000000000',
      pages: 1,
      present: 'none',
      unmapped: true,
      mm: 'child',
      sharesWith: 'data',
    })
    const scenario = withZeroPage({
      frames: 15,
      regions: [data, child],
      cpus: [
        { ...cpu(read, { do: 'fork' }, { do: 'madvise-dontneed', region: 'data' }, write), walkCache: 0 },
        { ...cpu({ do: 'read', page: 'childs[0]' }, { do: 'write', page: 'childs[0]' }), task: 'child' },
      ],
    })
    const lab = labOf(scenario)
    expect(enumerate(lab, m => expect(accountsOf(lab, m)).toEqual([])).damage).toBe(0)
  })

  it('is copied for a device too, and for a guest', () => {
    const server = { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'serve-faults' }] } as const
    const ours = { ...app(), tlb: 0, walkCache: 0 }
    const device = { frames: 10, regions: [data], cpus: [ours, server], iommu: { iotlb: 1, walkCache: 0, queue: 2 } }
    const vm = {
      kind: 'kvm',
      name: 'VM 0',
      memslots: [{ gfn: 0x10, region: 'data' }],
      vcpus: [{ script: [read, write] }],
    } as const
    for (const scenario of [
      withZeroPage({ ...device, devices: [gpu(read, write)] }),
      withZeroPage({ ...device, consumers: [vm] }),
    ]) {
      expect(checkScenario(scenario)).toEqual([])
      const lab = labOf(scenario)
      const reached = enumerate(lab, m => expect(accountsOf(lab, m)).toEqual([]))
      expect([reached.damage, reached.deadlock]).toEqual([0, undefined])
    }
  })

  it.each([
    ['6.1', true, 'holds'],
    ['6.1', false, 'violated'],
    ['6.6', false, 'holds'],
  ] as const)('%s, secondary TLBs told between clear and set: %s. Seen in order: %s', (kernel, told, kind) => {
    expect(verdict({ kernel, driver: 'notifier', switches: { clearFlushNotifies: told } })).toBe(kind)
  })

  it('is not for those who take pages from lists', () => {
    const reclaimed = {
      ...alone,
      cpus: [{ ...app({ do: 'reclaim', region: 'data' } as CpuAction), task: 'kernel' as const }, ...alone.cpus],
    }
    expect(checkScenario(alone)).toEqual([])
    expect(checkScenario(reclaimed).map(p => p.at)).toEqual(['cpus[0].script[0].do'])
  })
})
