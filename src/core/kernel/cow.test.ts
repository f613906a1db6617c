import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { copyOf, get } from '../machine/cells.ts'
import { pteAt, ptePfn, pteWrite } from '../machine/page-table.ts'
import { ARCHS, KERNEL_IDS } from '../runs/settings.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { filmOf, finish, runAlone } from '../testing/films.ts'
import { type Chosen, labOf } from '../testing/labs.ts'
import { anyPicks, picked } from '../testing/walks.ts'

/* fork() and what comes of it: pages that two processes have until one of them writes. */

const write = { do: 'write', page: 'buf[0]' } as const

const forked: Scenario = {
  format: 1,
  id: 'forked',
  title: 'Forked',
  purpose: 'A process forks.',
  lookFor: 'Who has which page?',
  bugs: [],
  memory: {
    frames: 16,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      {
        name: 'childs',
        at: '0x200000000000',
        pages: 1,
        kind: 'anon',
        protection: 'rw',
        present: 'none',
        unmapped: true,
        mm: 'child',
        sharesWith: 'buf',
      },
    ],
  },
  cpus: [
    { task: 'app', tlb: 1, walkCache: 3, script: [{ do: 'fork' }, { do: 'write', page: 'buf[0]' }] },
    { task: 'child', tlb: 1, walkCache: 3, script: [{ do: 'write', page: 'childs[0]' }] },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 2 },
  batchSize: 16,
  accounts: ['promises', 'contents'],
  switches: {},
  breaks: [],
}
const device: Scenario = {
  ...forked,
  devices: [{ name: 'GPU 0', script: [{ do: 'read', page: 'buf[0]' }] }],
  iommu: { iotlb: 1, walkCache: 0, queue: 2 },
}
const thread = (script: readonly CpuAction[]): Scenario => ({
  ...forked,
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'fork' }] },
    { task: 'app', tlb: 1, walkCache: 3, script },
    { task: 'child', tlb: 1, walkCache: 3, script: [{ do: 'read', page: 'childs[0]' }] },
  ],
})

const verdict = (scenario: string | Scenario, chosen: Chosen): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab), { states: 200_000, bytes: 2 ** 28 })).kind
}

const books = (scenario: string | Scenario): void =>
  fc.assert(
    fc.property(anyPicks, fc.constantFrom(...KERNEL_IDS), fc.constantFrom(...ARCHS), (picks, kernel, arch) => {
      const lab = labOf(scenario, { kernel, arch })
      const m = copyOf(lab.initial)
      for (const pick of picks) {
        const choice = picked(lab, m, pick)
        if (choice === undefined) break
        known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
        expect(accountsOf(lab, m)).toEqual([])
      }
    }),
    { numRuns: 12 },
  )

describe('fork()', () => {
  it('write-protects the page in both, and flushes the parent once', () => {
    expect(filmOf(runAlone(labOf(forked, { kernel: '6.6' })))).toMatchInlineSnapshot(`
      "CPU 0
      mmap_write_lock_killable [lock]
      vm_area_dup [map]
      pte_alloc_map_lock [pte_alloc_map_lock]
      copy_present_pte [ro buf[0]]
      pte_unmap_unlock [pte_unmap_unlock]
      flush_tlb_mm [flush]
      wake_up_new_task [wake_up_new_task]
      mmap_write_unlock [return]
      store [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [fault]
      mmap_read_trylock [mmap_read_trylock]
      handle_mm_fault [handle_mm_fault]
      do_wp_page [do_wp_page]
      __wp_page_copy_user [copy 6]
      pte_offset_map_lock [pte_offset_map_lock]
      ptep_clear_flush [clear buf[0]]
      set_pte_at [map buf[0]]
      page_remove_rmap [page_remove_rmap]
      pte_unmap_unlock [pte_unmap_unlock]
      put_page [put 6]
      put_page [put 6]
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

  it.each(['3.18', '6.1', '6.6'] as const)('%s: parent, child and a device that reads: no harm', kernel => {
    expect(verdict(device, { kernel })).toBe('holds')
  })

  it.each(['6.1', '6.6'] as const)(
    '%s: a thread of the parent may write until fork() returns, and not after',
    kernel => {
      expect(verdict(thread([write, write]), { kernel })).toBe('holds')
      const without = ['dup_mmap/flush_tlb_mm/flush_tlb_mm']
      expect(verdict(thread([write, write]), { kernel, without })).toBe('violated')
    },
  )

  it('is refused where it makes no sense', () => {
    expect(checkScenario(forked)).toEqual([])
    const twice: Scenario = {
      ...forked,
      cpus: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'fork' }, { do: 'fork' }] }],
    }
    expect(checkScenario(twice).map(p => p.at)).toEqual(['cpus[0].script[1].do'])
    const writes: Scenario = { ...device, devices: [{ name: 'GPU 0', script: [{ do: 'write', page: 'buf[0]' }] }] }
    expect(checkScenario(writes).map(p => p.at)).toEqual(['devices[0].script[0].do'])
  })
})

describe('ksmd', () => {
  const merge: CpuAction = { do: 'ksm-merge', page: 'buf[0]', with: 'buf[1]' }
  const two: Scenario = {
    ...forked,
    memory: {
      frames: 10,
      regions: [{ name: 'buf', at: '0x100000000000', pages: 2, kind: 'anon', protection: 'rw', present: 'all' }],
    },
    cpus: [
      { task: 'kernel', tlb: 0, walkCache: 0, script: [merge] },
      { task: 'app', tlb: 1, walkCache: 3, script: [{ do: 'write', page: 'buf[1]' }] },
    ],
    accounts: ['contents'],
  }
  const pinned: Scenario = {
    ...two,
    memory: { ...two.memory, regions: two.memory.regions.map(r => ({ ...r, pinned: [1] })) },
  }
  const read: Scenario = {
    ...two,
    devices: [{ name: 'GPU 0', script: [{ do: 'read', page: 'buf[1]' }] }],
    iommu: { iotlb: 1, walkCache: 0, queue: 2 },
  }

  it('makes both addresses name one frame, and frees the other', () => {
    const lab = labOf(two, { kernel: '6.6' })
    const run = runAlone(lab)
    const m = known(run.stateAt(run.length), 'state')
    const [a, b] = [0, 1].map(page => ptePfn(pteAt(lab.setup.shape, m, page)))
    expect(a).toBe(b)
    expect(get(m, lab.setup.shape.refcount, known(a, 'frame'))).toBe(2)
    expect(get(m, lab.setup.shape.freeCount, 0)).toBe(get(lab.initial, lab.setup.shape.freeCount, 0) + 1)
  })

  it('puts the PTE back when somebody else has a reference', () => {
    const lab = labOf(pinned, { kernel: '6.6' })
    const run = runAlone(lab)
    const m = known(run.stateAt(run.length), 'state')
    expect(pteWrite(pteAt(lab.setup.shape, m, 1))).toBe(true)
    expect(accountsOf(lab, m)).toEqual([])
  })

  it.each([...KERNEL_IDS.filter(id => ['3.18', '4.13', '6.1', '6.6'].includes(id))])(
    '%s: no write is lost, and a device reads no freed frame',
    kernel => {
      expect(verdict(two, { kernel })).toBe('holds')
      expect(verdict(read, { kernel })).toBe('holds')
    },
  )

  it('loses a write when the flush before the comparison is left out', () => {
    const without = ['write_protect_page/ptep_clear_flush/ptep_clear_flush']
    const twice: Scenario = {
      ...two,
      cpus: [
        known(two.cpus[0], 'CPU'),
        {
          ...known(two.cpus[1], 'CPU'),
          script: [
            { do: 'write', page: 'buf[1]' },
            { do: 'write', page: 'buf[1]' },
          ],
        },
      ],
    }
    expect(verdict(twice, { kernel: '6.6' })).toBe('holds')
    expect(verdict(twice, { kernel: '6.6', without })).toBe('violated')
  })

  it('keeps its books on any schedule', () => books(read))
})

describe('copy on write', () => {
  const texts = { id: 'unprotected', bugs: [] }
  const pinned: Scenario = {
    ...forked,
    ...texts,
    memory: { frames: 8, regions: [{ ...known(forked.memory.regions[0], 'region'), pinned: [0] }] },
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'uffd-unprotect', region: 'buf' }] },
      { task: 'app', tlb: 1, walkCache: 3, script: [write, write] },
    ],
  }

  it('copies a page to which somebody else has a reference, and writes any other where it is', () => {
    const alone = { ...pinned, memory: { frames: 8, regions: [known(forked.memory.regions[0], 'region')] } }
    const copies = (scenario: Scenario): number => {
      const run = runAlone(labOf(scenario, { kernel: '6.1' }))
      finish(run, 1)
      return filmOf(run).split('__wp_page_copy_user').length - 1
    }
    expect(copies(pinned)).toBe(1)
    expect(copies(alone)).toBe(0)
  })

  it.each([
    ['4.13', true, 'holds'],
    ['4.13', false, 'violated'],
    ['6.1', true, 'holds'],
    ['6.1', false, 'violated'],
    ['6.6', false, 'holds'],
  ] as const)('%s, secondary TLBs told between clear and set: %s. Seen in order: %s', (kernel, told, kind) => {
    expect(verdict('copy-on-write', { kernel, switches: { clearFlushNotifies: told } })).toBe(kind)
  })

  it.each(['order', 'device', 'pinned'] as const)('keeps its books on any schedule: %s', which => {
    books({ order: 'copy-on-write', device, pinned }[which])
  })
})
