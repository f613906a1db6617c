import { describe, expect, it } from 'vitest'
import type { BaseEvent } from '../../core/machine/event.ts'
import { asPfn, asVpn } from '../../core/units.ts'
import { fixtureEvents, fixtureWalk } from './fixture.ts'
import { motionsOf, motionsOfStep } from './motion.ts'
import { placeNames } from './place.ts'

const range = { start: asVpn(0), end: asVpn(2) }
const pfn = asPfn(3)
const vpn = asVpn(1)
const by = { kind: 'iommu' } as const

/** One of each: leave one out and this does not compile. */
const oneOfEach: { readonly [T in BaseEvent['type']]: Extract<BaseEvent, { readonly type: T }> } = {
  'syscall-entered': { type: 'syscall-entered', name: 'munmap', range },
  'syscall-returned': { type: 'syscall-returned', name: 'munmap' },
  'mmap-lock-taken': { type: 'mmap-lock-taken', mode: 'write' },
  'mmap-lock-downgraded': { type: 'mmap-lock-downgraded' },
  'mmap-lock-released': { type: 'mmap-lock-released' },
  'ptl-taken': { type: 'ptl-taken', table: pfn },
  'ptl-released': { type: 'ptl-released', table: pfn },
  'vma-mapped': { type: 'vma-mapped', range },
  'vma-detached': { type: 'vma-detached', range },
  'invalidate-range-started': { type: 'invalidate-range-started', range, reason: 'UNMAP' },
  'invalidate-range-ended': { type: 'invalidate-range-ended', range, reason: 'UNMAP' },
  'secondary-tlb-invalidate-called': {
    type: 'secondary-tlb-invalidate-called',
    range: 'all',
    site: 'outside',
    tables: true,
  },
  'empty-hook-called': { type: 'empty-hook-called', hook: 'invalidate_range' },
  'pte-change-notified': { type: 'pte-change-notified', vpn },
  'young-cleared': { type: 'young-cleared', range },
  'notifier-released': { type: 'notifier-released' },
  'gather-started': { type: 'gather-started' },
  'zap-started': { type: 'zap-started', range },
  'pte-cleared': { type: 'pte-cleared', vpn, pfn, dirty: false },
  'rmap-removed': { type: 'rmap-removed', pfn, count: 0 },
  'page-gathered': { type: 'page-gathered', pfn, count: 1 },
  'free-pgtables-started': { type: 'free-pgtables-started' },
  'table-unlinked': { type: 'table-unlinked', level: 'PTE', vpn, pfn },
  'table-gathered': { type: 'table-gathered', pfn },
  'tables-queued-for-rcu': { type: 'tables-queued-for-rcu', count: 1 },
  'rcu-callback-ran': { type: 'rcu-callback-ran' },
  'flush-forced': { type: 'flush-forced', why: 'batch-full' },
  'gather-flushed': { type: 'gather-flushed' },
  'tlb-finish-started': { type: 'tlb-finish-started', nested: false },
  'cpu-flush-started': { type: 'cpu-flush-started', range, freedTables: false },
  'ipi-sent': { type: 'ipi-sent', to: [1, 2], skipped: [] },
  'cpu-tlb-flushed': { type: 'cpu-tlb-flushed', cpu: 1, from: 0, range },
  'cpu-flush-completed': { type: 'cpu-flush-completed' },
  'page-allocated': { type: 'page-allocated', pfn, owner: 'other', order: 0 },
  'table-allocated': { type: 'table-allocated', level: 'PTE', pfn, vpn },
  'pte-set': { type: 'pte-set', vpn, pfn, writable: true },
  'page-put': { type: 'page-put', pfn, left: 0 },
  'page-freed': { type: 'page-freed', pfn, order: 0 },
  'table-freed': { type: 'table-freed', pfn },
  'frame-filled': { type: 'frame-filled', pfn, owner: 'other', looksLikePte: null },
  'fault-taken': { type: 'fault-taken', vpn, write: false, by: 'cpu' },
  'fault-refused': { type: 'fault-refused', vpn, why: 'no VMA' },
  'cpu-accessed': { type: 'cpu-accessed', cpu: 0, vpn, pfn, write: true },
  'tlb-hit': { type: 'tlb-hit', by, vpn, pfn },
  'tlb-missed': { type: 'tlb-missed', by, vpn },
  'walk-started': { type: 'walk-started', by, vpn, level: 'PGD', table: pfn, fromCache: false },
  'walk-read': { type: 'walk-read', by, vpn, level: 'PGD', table: pfn, found: null },
  'walk-cache-filled': { type: 'walk-cache-filled', by, vpn, level: 'PTE', table: pfn },
  'tlb-filled': { type: 'tlb-filled', by, vpn, pfn, writable: true },
  'walk-aborted': { type: 'walk-aborted', by, vpn },
  'invalidation-queued': { type: 'invalidation-queued', range, leafOnly: true, by: 'CPU 0' },
  'invalidation-executed': { type: 'invalidation-executed', range, leafOnly: true, dropped: 1 },
  'invalidation-completed': { type: 'invalidation-completed' },
  'pasid-root-set': { type: 'pasid-root-set', root: 'empty' },
  'page-requested': { type: 'page-requested', device: 0, vpn, write: false },
  'page-request-answered': { type: 'page-request-answered', device: 0, vpn, response: 'success' },
  'device-accessed': { type: 'device-accessed', device: 0, vpn, pfn, write: false },
  'device-stopped': { type: 'device-stopped', device: 0, vpn },
  'used-after-free': { type: 'used-after-free', by, vpn, pfn, write: true, owner: 'other' },
  'walked-after-free': { type: 'walked-after-free', by, vpn, pfn, owner: 'other' },
  'freed-too-early': { type: 'freed-too-early', pfn, holder: 'the IOTLB' },
  'range-not-covered': { type: 'range-not-covered', vpn, what: 'table' },
  'pairing-broken': { type: 'pairing-broken', why: 'end without start' },
  'operation-left-out': { type: 'operation-left-out', what: 'the wait for the IOMMU' },
  'kernel-function-entered': { type: 'kernel-function-entered', name: 'unmap_region' },
  marked: { type: 'marked', text: 'a note' },
}

describe('what moves when something happens', () => {
  it.each(Object.values(oneOfEach))('$type goes to places that have names', event => {
    for (const motion of motionsOf(event)) {
      expect(placeNames(motion.to)).not.toHaveLength(0)
      if (motion.from !== null) expect(placeNames(motion.from)).not.toHaveLength(0)
    }
  })

  it('draws a harmful access as one red arrow from the device that made it', () => {
    const arrows = motionsOfStep(fixtureEvents).filter(m => m.lasting)
    expect(arrows).toMatchObject([
      {
        token: 'access',
        from: { in: 'device', index: 0 },
        to: { in: 'frame', pfn: 12 },
        tone: 'damage',
        words: 'write',
      },
    ])
  })

  it('keeps the access of a guest on the stage as it does that of a device', () => {
    const guest = { consumer: 0, by: { kind: 'consumer', index: 0 }, write: true, through: 'an SPTE' } as const
    const [arrow] = motionsOf({ ...guest, type: 'guest-accessed', who: 'vCPU 0', vpn, pfn })
    expect(arrow).toMatchObject({ token: 'access', lasting: true })
    expect(motionsOf(oneOfEach['device-accessed'])[0]).toMatchObject({ token: 'access', lasting: true })
  })

  it('keeps a walk on the stage and lets the fill pass by', () => {
    expect(motionsOfStep(fixtureWalk).map(m => [m.token, m.lasting])).toEqual([
      ['walk', true],
      ['translation', false],
    ])
  })

  it('sends one token to every CPU that an IPI goes to', () => {
    expect(motionsOf(oneOfEach['ipi-sent']).map(m => m.to)).toEqual([
      { in: 'cpu', index: 1 },
      { in: 'cpu', index: 2 },
    ])
  })
})
