import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import type { CpuSpec } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, labOf, other, scenarioOf } from '../testing/labs.ts'

/* A walk in software, without a lock, kept safe by disabled interrupts. Every interleaving by brute force. */

const idle = (...script: CpuSpec['script']): CpuSpec => ({ ...app(...script), tlb: 0, walkCache: 0 })
const gup = idle({ do: 'gup-fast', page: 'buf[0]' })
const khugepaged: CpuSpec = { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'collapse', region: 'buf' }] }
const taker = other({ do: 'allocate', as: 'pte-bytes' })

describe('GUP-fast', () => {
  it('reads the tables with interrupts disabled, takes a reference, and looks again', () => {
    expect(filmOf(runAlone(labOf(scenarioOf({ regions: [buf()], cpus: [gup] }))))).toMatchInlineSnapshot(`
      "CPU 0
      local_irq_save [IRQs off]
      gup_pgd_range [GUP PGD]
      gup_pud_range [GUP PUD]
      gup_pmd_range [GUP PMD]
      gup_pte_range [GUP PTE]
      try_grab_folio [get 5]
      gup_pte_range [gup_pte_range]
      local_irq_restore [IRQs on]
      put_page [put 5]"
    `)
  })

  it('finds the page within a huge page at the PMD entry', () => {
    const lab = labOf(scenarioOf({ regions: [buf({ huge: true })], cpus: [idle({ do: 'gup-fast', page: 'buf[1]' })] }))
    const run = runAlone(lab)
    const grabbed = run.film.flatMap(step => step.events).find(e => e.type === 'page-grabbed')
    expect(grabbed).toMatchObject({ pfn: 5 })
    expect(run.film.filter(step => step.events.some(e => e.type === 'software-walk-read'))).toHaveLength(3)
  })

  it.each([
    ['3.18', 'x86'],
    ['5.5', 'arm64'],
    ['6.19', 'x86'],
  ] as const)('%s, %s: munmap() frees neither page nor table under it, and the books add up', (kernel, arch) => {
    const lab = labOf(
      scenarioOf({ regions: [buf({ pages: 1 })], cpus: [gup, idle({ do: 'munmap', region: 'buf' }), taker] }),
      { kernel, arch, switches: { singleUserTableShortcut: false } },
    )
    let states = 0
    // The books of every seventh state: they take longer than the states.
    const { damage, deadlock } = enumerate(lab, m => {
      if (states++ % 7 === 0) expect(accountsOf(lab, m)).toEqual([])
    })
    expect(deadlock).toBeUndefined()
    expect(damage).toBe(0)
  })

  it.each([
    // No interrupt comes with a TLBI.
    ['5.5', 'arm64', {}, true],
    ['5.5', 'arm64', { collapseSyncsWalkers: true }, false],
    ['5.5', 'arm64', { collapseTableFree: 'rcu' }, false],
    // The IPI of the flush does what the sync IPI does.
    ['5.5', 'x86', {}, false],
    ['6.1', 'arm64', {}, false],
    ['6.1', 'arm64', { collapseSyncsWalkers: false }, true],
    ['6.19', 'arm64', {}, false],
  ] as const)('%s, %s %o: reads a table that khugepaged has freed: %s (B11)', (kernel, arch, switches, expected) => {
    const scenario = scenarioOf({ regions: [buf({ pages: 1, kind: 'file' })], cpus: [gup, khugepaged, taker] })
    const { damage, deadlock } = enumerate(labOf(scenario, { kernel, arch, switches }))
    expect(deadlock).toBeUndefined()
    expect(damage & DAMAGE.softwareWalk).toBe(expected ? DAMAGE.softwareWalk : 0)
  })

  it('anonymous: a table that is kept and then freed with the huge page, 5.5 on arm64', () => {
    const scenario = scenarioOf({
      frames: 12,
      regions: [buf({ pages: 1 })],
      cpus: [gup, khugepaged, idle({ do: 'madvise-dontneed', region: 'buf' }), taker],
    })
    const without = enumerate(labOf(scenario, { kernel: '5.5', arch: 'arm64' }))
    expect(without.damage & DAMAGE.softwareWalk).toBe(DAMAGE.softwareWalk)
    const synced = { kernel: '5.5', arch: 'arm64', switches: { collapseSyncsWalkers: true } } as const
    expect(enumerate(labOf(scenario, synced)).damage & DAMAGE.softwareWalk).toBe(0)
  })
})
