import { describe, expect, it } from 'vitest'
import { movedFile } from '../bugs/scenarios/moved-file.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { vmaReadable } from '../machine/protection.ts'
import { isHidden } from '../machine/soft-pte.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { accountsOf } from '../testing/accounts.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { type Chosen, labOf } from '../testing/labs.ts'

const texts = { id: 'moved', title: 'Moved', purpose: '', lookFor: '', bugs: [] }
const thread = movedFile({ ...texts, devices: [] })
const clean = movedFile({ ...texts, devices: [], clean: true })
const write = { do: 'write', page: 'old[0]' } as const
const device = movedFile({ ...texts, devices: [{ name: 'GPU 0', script: [write, write] }] })

const verdict = (scenario: typeof thread, chosen: Chosen): string => {
  const lab = labOf(scenario, chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab), { states: 200_000, bytes: 2 ** 28 })).kind
}

describe('mremap', () => {
  it('moves the PTE, flushes the old address and tells the IOMMU before it drops the locks, from 6.6 on', () => {
    expect(filmOf(runAlone(labOf(device, { kernel: '6.6' })))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU
      mmap_write_lock_killable [lock]
      copy_vma [map]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [pte_offset_map_lock]
      ptep_get_and_clear [clear old[0]]
      flush_tlb_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      pte_unmap_unlock [pte_unmap_unlock]
      __mmu_notifier_invalidate_range_end [end]
      do_vmi_munmap [detach]
      mmap_write_unlock [return]"
    `)
  })

  it('flushes after the locks up to 4.8', () => {
    expect(filmOf(runAlone(labOf(thread, { kernel: '3.18' })))).toMatchInlineSnapshot(`
      "CPU 0                                      CPU 2 IPI
      mmap_write_lock_killable [lock]
      copy_vma [map]
      pte_offset_map_lock [pte_offset_map_lock]
      ptep_get_and_clear [clear old[0]]
      pte_unmap_unlock [pte_unmap_unlock]
      move_page_tables [move_page_tables]
      flush_tlb_range [flush]
                                                 flush_tlb_func [flush]
      smp_call_function_many_cond [acked]
      do_vmi_munmap [detach]
      mmap_write_unlock [return]"
    `)
  })

  it('moves entries of PROT_NONE too, and flushes for them as for any that is present', () => {
    const script = [
      { do: 'mprotect', region: 'old', to: 'none' },
      { do: 'mremap', region: 'old', to: 'new' },
    ] as const
    const hidden = { ...thread, cpus: thread.cpus.map((cpu, c) => (c === 0 ? { ...cpu, script } : cpu)) }
    const lab = labOf(hidden, { kernel: '6.1' })
    const run = runAlone(lab)
    const m = run.stateAt(run.length)
    const at = (name: string): number => lab.setup.labels.indexOf(name)
    expect(isHidden(lab.setup.shape, m, at('old[0]'))).toBe(false)
    expect(isHidden(lab.setup.shape, m, at('new[0]'))).toBe(true)
    expect(vmaReadable(lab.setup, m, at('new[0]'))).toBe(false)
    const film = filmOf(run)
    expect(film.indexOf('flush_tlb_range')).toBeGreaterThan(film.indexOf('ptep_get_and_clear [PROT_NONE]'))
    expect(accountsOf(lab, m)).toEqual([])
  })

  it.each([
    ['2.6.27', 'holds', 'holds'],
    ['3.18', 'violated', 'violated'],
    ['4.13', 'holds', 'violated'],
    ['4.19', 'holds', 'holds'],
    ['6.6', 'holds', 'holds'],
  ] as const)(
    'against truncate(), %s: a thread with the old translation: %s, of a clean page: %s',
    (kernel, dirty, c) => {
      expect([verdict(thread, { kernel }), verdict(clean, { kernel })]).toEqual([dirty, c])
    },
  )

  it.each(['3.19', '4.15', '6.1', '6.6'] as const)(
    'against truncate(), %s: the pair that truncate() makes around the old address tells the IOMMU in time',
    kernel => {
      expect(verdict(device, { kernel })).toBe('holds')
    },
  )

  it('against truncate(): with neither end() nor the flush telling it, a device reaches the freed frame', () => {
    expect(verdict(device, { kernel: '6.6', switches: { archFlushNotifies: false } })).toBe('violated')
    expect(verdict(device, { kernel: '6.1', switches: { endImpliesInvalidate: false } })).toBe('violated')
  })
})
