import { describe, expect, it } from 'vitest'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { type Chosen, labOf } from '../testing/labs.ts'

/* A page that is pinned for DMA, without a lock, as the process forks. Every interleaving. */

const verdict = (chosen: Chosen, rule = 'I6') => {
  const lab = labOf('fork-pin', chosen)
  return runToEnd(search(systemOf(lab), propertiesOf(lab, [rule]), { states: 100_000, bytes: 2 ** 28 }))
}

describe('fork() and a page that is pinned', () => {
  it.each([
    ['2.6.27', {}, 'violated'],
    ['5.5', {}, 'violated'],
    ['6.1', {}, 'holds'],
    ['6.19', {}, 'holds'],
    // The sequence alone does not help one who has pinned the page before, nor the copy one who pins it after the look.
    ['6.6', { writeProtectSeq: false }, 'violated'],
    ['6.6', { forkCopiesPinned: false }, 'violated'],
    ['5.5', { writeProtectSeq: true, forkCopiesPinned: true }, 'holds'],
  ] as const)('%s %o: a device writes a page that fork() has taken the writes from: %s', (kernel, switches, kind) => {
    expect(verdict({ kernel, switches }).kind).toBe(kind)
  })

  it('the shortest way: pinned between the look and the write-protection', () => {
    const found = verdict({ kernel: '6.6', switches: { writeProtectSeq: false } })
    if (found.kind !== 'violated') throw new Error(found.kind)
    const lab = labOf('fork-pin', { kernel: '6.6', switches: { writeProtectSeq: false } })
    const m = lab.initial.slice() as typeof lab.initial
    const told = found.run.map(({ actor, way }) => {
      const fn = lab.actors[actor]?.op(m, way).fn ?? ''
      lab.actors[actor]?.step(m, way)
      return fn
    })
    const at = (fn: string): number => told.lastIndexOf(fn)
    expect(at('page_maybe_dma_pinned')).toBeLessThan(at('try_grab_folio'))
    expect(at('gup_pte_range')).toBeLessThan(at('copy_present_pte'))
    expect(at('DMA')).toBe(told.length - 1)
  })

  it('6.6: the books add up in every state, and nobody stands still', () => {
    const lab = labOf('fork-pin', { kernel: '6.6' })
    let states = 0
    const { damage, deadlock } = enumerate(lab, m => {
      if (states++ % 11 === 0) expect(accountsOf(lab, m)).toEqual([])
    })
    expect(deadlock).toBeUndefined()
    expect(damage).toBe(0)
  })

  it('looks at the sequence before it walks, and after', () => {
    const lab = labOf('fork-pin', { kernel: '6.6' })
    expect(filmOf(runAlone(lab, 1))).toMatchInlineSnapshot(`
      "CPU 1
      raw_seqcount_try_begin [raw_seqcount_try_begin]
      local_irq_save [IRQs off]
      gup_pgd_range [GUP PGD]
      gup_pud_range [GUP PUD]
      gup_pmd_range [GUP PMD]
      gup_pte_range [GUP PTE]
      try_grab_folio [get 6]
      gup_pte_range [gup_pte_range]
      local_irq_restore [IRQs on]
      read_seqcount_retry [read_seqcount_retry]
      DMA [DMA 6]
      unpin_user_page [put 6]"
    `)
  })
})
