import { describe, expect, it } from 'vitest'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { get, type Machine } from '../machine/cells.ts'
import { pteAt, tableFrame } from '../machine/page-table.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { CpuSpec, Region, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'

const moved = (more: Partial<Parameters<typeof scenarioOf>[0]> = {}) =>
  scenarioOf({
    regions: [buf({ name: 'old' }), buf({ name: 'new', at: '0x100000200000', present: 'none', unmapped: true })],
    cpus: [app({ do: 'mremap', region: 'old', to: 'new', wholeTables: true })],
    iommu: { iotlb: 1, walkCache: 1, queue: 1 },
    ...more,
  })

const whole = moved()
const walked = moved({
  cpus: [...whole.cpus, { task: 'app', tlb: 1, walkCache: 1, script: [{ do: 'write', page: 'old[0]' }] }],
  devices: [gpu({ do: 'write', page: 'old[1]' })],
})

/** The page table goes at its new address, and somebody else takes the frame. */
const freed = (more: Partial<Scenario>): Scenario =>
  moved({
    cpus: [
      app({ do: 'mremap', region: 'old', to: 'new', wholeTables: true }, { do: 'munmap', region: 'new' }),
      other({ do: 'allocate', as: 'pte-bytes' }),
      ...(more.cpus ?? []),
    ],
    devices: more.devices ?? [],
  })
const byDevice = freed({ devices: [gpu({ do: 'read', page: 'old[0]' }, { do: 'read', page: 'old[1]' })] })
const reads = [
  { do: 'read', page: 'old[0]' },
  { do: 'read', page: 'old[1]' },
] as const
const byThread = freed({ cpus: [{ task: 'app', tlb: 1, walkCache: 1, script: reads }] })

const verdict = (scenario: Scenario, chosen: Chosen): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab, ['I2']), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('mremap() of whole page tables', () => {
  it('moves one entry, flushes the old address, walk caches too, and tells the IOMMU before it drops the locks', () => {
    expect(filmOf(runAlone(labOf(moved({ devices: [gpu()] }), { kernel: '6.14' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU
      mmap_write_lock_killable [lock]
      copy_vma [map]
      __mmu_notifier_invalidate_range_start [start]
      move_page_tables [move_page_tables]
      pmd_lock [pmd_lock]
      move_normal_pmd [table 4 out]
      flush_tlb_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      spin_unlock [spin_unlock]
      __mmu_notifier_invalidate_range_end [end]
      do_vmi_munmap [detach]
      mmap_write_unlock [return]"
    `)
  })

  it('takes the table along with all that is in it, and makes none', () => {
    const lab = labOf(moved(), { kernel: '6.14' })
    const { shape } = lab.setup
    const run = runAlone(lab)
    const end = run.stateAt(run.length)
    const places = shape.places.filter(p => p.level === 'PTE')
    const ptes = (m: Machine): number[] => [0, 1, 2, 3].map(page => pteAt(shape, m, page))
    expect(places.map(p => tableFrame(shape, lab.initial, p.id) >= 0)).toEqual([true, false])
    expect(places.map(p => tableFrame(shape, end, p.id) >= 0)).toEqual([false, true])
    expect(ptes(end)).toEqual([0, 0, ...ptes(lab.initial).slice(0, 2)])
    expect(get(end, shape.freeCount, 0)).toBe(get(lab.initial, shape.freeCount, 0))
    expect(accountsOf(lab, end)).toEqual([])
  })

  it('moves page by page up to 4.19', () => {
    const film = filmOf(runAlone(labOf(moved(), { kernel: '4.19' })))
    expect(film).toContain('ptep_get_and_clear [clear old[1]]')
    expect(film).not.toContain('move_normal_pmd')
  })

  it.each([
    ['6.1', 'arm64'],
    ['6.6', 'x86'],
    ['6.14', 'arm64'],
  ] as const)(
    '%s, %s: walkers that are in the table as it moves come to no harm, and the books add up',
    (kernel, arch) => {
      const lab = labOf(walked, { kernel, arch })
      const wrong = new Set<string>()
      const { damage, deadlock } = enumerate(lab, m => {
        for (const line of accountsOf(lab, m)) wrong.add(line)
      })
      expect([...wrong]).toEqual([])
      expect(deadlock).toBeUndefined()
      expect(damage).toBe(0)
    },
  )

  it('needs a flush that drops walk caches: one of leaves only leaves a way to the table, which is freed at its new address', () => {
    expect(verdict(byDevice, { kernel: '6.14' })).toBe('holds')
    expect(verdict(byDevice, { kernel: '6.14', switches: { invalidateKind: 'leaf' } })).toBe('violated')
    expect(verdict(byThread, { kernel: '6.14', arch: 'arm64' })).toBe('holds')
  })

  it('is for regions that have their page tables for themselves, from the first page on', () => {
    const [cpu] = whole.cpus
    const at = (old: string, more: readonly Region[] = []): string[] => {
      const regions = [{ ...whole.memory.regions[0], at: old } as Region, ...whole.memory.regions.slice(1), ...more]
      return checkScenario({ ...whole, cpus: [cpu as CpuSpec], memory: { frames: 24, regions } }).map(p => p.message)
    }
    expect(at('0x100000000000')).toEqual([])
    expect(at('0x100000001000')).toContain('old begins inside a page table')
    expect(at('0x100000000000', [buf({ name: 'heap', at: '0x100000100000' })])).toEqual([
      'heap lies in a page table of old',
    ])
  })
})
