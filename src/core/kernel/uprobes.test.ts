import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { get } from '../machine/cells.ts'
import { pteAt, ptePfn, pteWrite } from '../machine/page-table.ts'
import { USE } from '../machine/setup.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { CpuAction, Region } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'

/* A breakpoint in a page of a file: the page is replaced as copy on write does it, and secondary TLBs are told once more. */

const code: Region = buf({ name: 'code', pages: 1, kind: 'file', protection: 'r' })
const flag = buf({ name: 'flag', at: '0x100000001000', pages: 1 })
const probe: CpuAction = { do: 'uprobe', page: 'code[0]' }
const tracer = { task: 'kernel', tlb: 0, walkCache: 0, script: [probe] } as const
const reader = gpu({ do: 'read', page: 'code[0]' })
const probed = scenarioOf({
  frames: 12,
  regions: [code],
  cpus: [tracer, { ...app(), tlb: 0, walkCache: 0 }],
  devices: [reader],
  iommu: { iotlb: 1, walkCache: 0, queue: 2 },
})

/** The debugger says by the flag that the breakpoint is there. Whoever sees the flag must not run the old code. */
const ordered = scenarioOf({
  frames: 14,
  regions: [code, flag],
  cpus: [tracer, { ...app({ do: 'await', page: 'code[0]' }, { do: 'write', page: 'flag[0]' }), tlb: 1, walkCache: 0 }],
  devices: [gpu({ do: 'read', page: 'code[0]' }, { do: 'read', page: 'flag[0]' }, { do: 'read', page: 'code[0]' })],
  iommu: { iotlb: 2, walkCache: 0, queue: 2 },
  accounts: ['order'],
})

const verdict = (chosen: Chosen, scenario = ordered) => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('a breakpoint of uprobes', () => {
  it('gives the app a page of its own, which it still may not write; the file keeps the old one', () => {
    const lab = labOf(probed, { kernel: '6.1' })
    const run = runAlone(lab)
    const { shape, fileFrame } = lab.setup
    const m = known(run.stateAt(run.length), 'state')
    const pte = pteAt(shape, m, 0)
    expect(get(m, shape.use, ptePfn(pte))).toBe(USE.anon)
    expect(pteWrite(pte)).toBe(false)
    expect(get(m, shape.refcount, known(fileFrame[0], 'frame'))).toBe(1)
    expect(accountsOf(lab, m)).toEqual([])
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "CPU 0                                          IOMMU                    CPU 1 IPI
      mmap_write_lock [lock]
      get_user_pages_remote [get_user_pages_remote]
      copy_to_page [copy 1]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [pte_offset_map_lock]
      ptep_clear_flush [clear code[0]]
                                                                              flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      set_pte_at_notify [map code[0]]
      page_remove_rmap [page_remove_rmap]
      pte_unmap_unlock [pte_unmap_unlock]
      put_page [put 1]
      __mmu_notifier_invalidate_range [range()]
                                                     invalidate [invalidate]
      completion wait [complete]
      __mmu_notifier_invalidate_range_end [end]
      put_page [put 1]
      mmap_write_unlock [return]"
    `)
  })

  it.each([
    ['3.18', 0],
    ['3.19', 2],
    ['4.15', 2],
    ['6.1', 2],
    ['6.6', 1],
    ['6.19', 1],
  ] as const)('%s: secondary TLBs are told %i times', (kernel, times) => {
    const film = filmOf(runAlone(labOf(probed, { kernel, driver: 'notifier' })))
    expect(film.split('[invalidate]').length - 1).toBe(times)
  })

  it.each([
    ['6.1', true, 'holds'],
    ['6.1', false, 'violated'],
    ['6.6', false, 'holds'],
  ] as const)('%s, secondary TLBs told between clear and set: %s. Seen in order: %s', (kernel, told, kind) => {
    expect(verdict({ kernel, driver: 'notifier', switches: { clearFlushNotifies: told } })).toBe(kind)
  })

  it('needs a page of a file that the app may not write', () => {
    const of = (region: Region) => checkScenario({ ...probed, memory: { frames: 12, regions: [region] } })
    expect(of(code)).toEqual([])
    expect(of({ ...code, protection: 'rw' }).map(p => p.at)).toEqual(['cpus[0].script[0].page'])
    expect(of({ ...code, kind: 'anon' }).map(p => p.at)).toEqual(['cpus[0].script[0].page'])
  })
})
