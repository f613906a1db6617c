import { describe, expect, it } from 'vitest'
import type { SimEvent } from '../machine/event.ts'
import { asPfn, asVpn } from '../units.ts'
import { expandPhases, foldPhases } from './fold.ts'
import { phasesOf } from './phases.ts'

const pfn = asPfn(7)
const by = (who: number, event: SimEvent) => ({ event, cpu: who, who })
const rmap = (n = 1): SimEvent => ({ type: 'rmap-removed', pfn, count: n })
const queued = (n = 1): SimEvent => ({ type: 'page-gathered', pfn, count: n })

describe('phases', () => {
  it('join what is done to one page in a row', () => {
    const cleared: SimEvent = { type: 'pte-cleared', vpn: asVpn(1), pfn, dirty: false }
    expect(phasesOf([by(0, cleared), by(0, rmap()), by(0, queued()), by(0, rmap())])).toEqual([
      { name: 'unmap+gather', at: 1 },
      { name: 'rmap_remove', at: 3 },
    ])
  })

  it('do not join the work of two tasks, nor part what the other one interrupts', () => {
    const names = phasesOf([by(0, rmap()), by(1, rmap()), by(0, queued()), by(1, queued())]).map(p => p.name)
    expect(names).toEqual(['unmap+gather', 'unmap+gather'])
    expect(phasesOf([by(0, rmap()), by(1, queued())]).map(p => p.name)).toEqual(['rmap_remove', 'gather'])
  })

  it('are as many as the pages of a folio that go at once', () => {
    expect(foldPhases(phasesOf([by(0, rmap(3)), by(0, queued(3))]).map(p => p.name))).toBe('unmap+gather x3')
  })

  it('tell a flush of another CPU from that of the one that asks', () => {
    const flush = (cpu: number): SimEvent => ({ type: 'cpu-tlb-flushed', cpu, from: 0, range: 'all' })
    expect(phasesOf([by(0, flush(0)), by(1, flush(1))]).map(p => p.name)).toEqual(['cpu_flush_remote@cpu1'])
  })

  it('call the secondary-TLB invalidate as the kernel does', () => {
    const call: SimEvent = { type: 'secondary-tlb-invalidate-called', range: 'all', site: 'inside', tables: false }
    expect(phasesOf([by(0, call)])[0]?.name).toBe('invalidate_range:inside')
    expect(phasesOf([by(0, call)], 'arch_invalidate_secondary_tlbs')[0]?.name).toBe(
      'arch_invalidate_secondary_tlbs:inside',
    )
  })
})

describe('folded orders', () => {
  it('unfold, groups and names with parentheses alike', () => {
    expect(expandPhases('(fault > page_alloc) x2 > start(UNMAP) > free_pages(order=9) x2')).toEqual([
      'fault',
      'page_alloc',
      'fault',
      'page_alloc',
      'start(UNMAP)',
      'free_pages(order=9)',
      'free_pages(order=9)',
    ])
    expect(expandPhases('')).toEqual([])
  })

  it('fold runs', () => {
    expect(foldPhases(['a', 'a', 'b', 'a'])).toBe('a x2 > b > a')
  })
})
