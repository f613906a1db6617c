import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../../machine/damage.ts'
import { accountsOf } from '../../testing/accounts.ts'
import { enumerate } from '../../testing/enumerate.ts'
import { app, buf, type Chosen, labOf, neighbour, other, scenarioOf } from '../../testing/labs.ts'

/* A GPU whose driver holds a page by reference, beside a zap: every interleaving by brute force. */

const lab = (chosen: Chosen = {}, release = true) =>
  labOf(
    scenarioOf({
      frames: 12,
      regions: [buf({ pages: 1 }), neighbour()],
      cpus: [
        { ...app({ do: 'madvise-dontneed', region: 'buf' }), tlb: 0, walkCache: 0 },
        other({ do: 'allocate', as: 'data' }),
      ],
      consumers: [
        {
          kind: 'gpu',
          name: 'GPU 0',
          driver: [{ do: 'bind', page: 'buf[0]' }, ...(release ? [{ do: 'release', page: 'buf[0]' } as const] : [])],
          script: [
            { do: 'read', page: 'buf[0]' },
            { do: 'write', page: 'buf[0]' },
          ],
        },
      ],
    }),
    chosen,
  )

function damageOf(chosen: Chosen, release = true): number {
  const it_ = lab(chosen, release)
  const { damage, deadlock } = enumerate(it_, m => expect(accountsOf(it_, m)).toEqual([]))
  expect(deadlock).toBeUndefined()
  return damage
}

describe('a page that a GPU driver gives back (B32)', () => {
  it('is safe where the GPU’s TLB is flushed first, whatever the notifiers do', () => {
    expect(damageOf({ kernel: '6.6' })).toBe(0)
    expect(damageOf({ kernel: '6.6', switches: { configMmuNotifier: false } })).toBe(0)
  })

  it('is reached by the GPU where it is not', () => {
    const both = DAMAGE.usedAfterFree | DAMAGE.freedTooEarly
    expect(damageOf({ kernel: '6.6', switches: { driverFlushBeforePut: false } }) & both).toBe(both)
    expect(damageOf({ kernel: '6.6', without: ['intel_gt_invalidate_tlbs'] }) & both).toBe(both)
    expect(damageOf({ kernel: '5.5' }) & both).toBe(both)
  })

  it('stays the GPU’s as long as it is held, though the process has let it go', () => {
    expect(damageOf({ kernel: '5.5' }, false)).toBe(0)
  })
})
