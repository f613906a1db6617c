import { describe, expect, it } from 'vitest'
import { get } from '../../machine/cells.ts'
import { DAMAGE } from '../../machine/damage.ts'
import type { CpuAction, Scenario } from '../../scenarios/scenario.ts'
import { accountsOf } from '../../testing/accounts.ts'
import { enumerate } from '../../testing/enumerate.ts'
import { app, buf, type Chosen, labOf, other, scenarioOf } from '../../testing/labs.ts'

/* A driver of user pointers gives its pages back in start(), and sleeps for it: every interleaving by brute force. */

type Consumers = NonNullable<Scenario['consumers']>
const bind = { do: 'bind', page: 'buf[0]' } as const
const write = { do: 'write', page: 'buf[0]' } as const
const userptr = (more: Partial<Extract<Consumers[number], { kind: 'gpu' }>> = {}): Consumers[number] => ({
  kind: 'gpu',
  name: 'GPU 0',
  userptr: true,
  driver: [bind],
  script: [write],
  ...more,
})
const vm: Consumers[number] = {
  kind: 'kvm',
  name: 'VM 0',
  memslots: [{ gfn: 0, region: 'buf' }],
  vcpus: [{ script: [write] }],
}
const scenario = (
  action: CpuAction,
  consumers: Consumers,
  task: 'app' | 'kernel' = 'kernel',
  kind: 'anon' | 'file' = 'anon',
): Scenario =>
  scenarioOf({
    frames: 12,
    regions: [buf({ pages: 1, kind })],
    cpus: [
      { task, tlb: 0, walkCache: 0, script: [action] },
      ...(task === 'app' ? [other({ do: 'allocate', as: 'data' })] : [{ ...app(), tlb: 0, walkCache: 0 }]),
    ],
    consumers,
    switches: { driverFlushBeforePut: true },
  })

function reach(of: Scenario, chosen: Chosen) {
  const lab = labOf(of, chosen)
  const seen = { mapped: 0, unmapped: 0 }
  const { damage, deadlock } = enumerate(lab, m => {
    // A page that writeback has write-protected is unmapped for a moment, and counted as mapped.
    if (of.memory.regions[0]?.kind === 'anon') expect(accountsOf(lab, m)).toEqual([])
    if (!lab.actors.every(actor => actor.finished(m))) return
    if (get(m, lab.setup.shape.pte, 0) === 0) seen.unmapped++
    else seen.mapped++
  })
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return { damage, ...seen }
}

describe('user pointers', () => {
  it.each(['3.18', '6.14'] as const)('%s: a zap beside a bind does no harm', kernel => {
    const of = scenario({ do: 'madvise-dontneed', region: 'buf' }, [userptr()], 'app')
    expect(reach(of, { kernel }).damage).toBe(0)
  })
})

describe('a start() that must not block', () => {
  const reap = { do: 'oom-reap' } as const

  it('is refused where a page is bound: the memory stays. Where it was given back in time, it goes', () => {
    const kept = reach(scenario(reap, [userptr({ script: [] })]), {})
    const given = reach(
      scenario(reap, [userptr({ driver: [bind, { do: 'release', page: 'buf[0]' }], script: [] })]),
      {},
    )
    expect([kept.damage, given.damage]).toEqual([0, 0])
    expect(kept.mapped).toBeGreaterThan(0)
    expect(given.unmapped).toBeGreaterThan(0)
  })

  it('sleeps where it is not refused, and that it must not (I12)', () => {
    const of = scenario(reap, [userptr({ script: [] })])
    expect(reach(of, { without: ['userptr_mn_invalidate_range_start'] }).damage).toBe(DAMAGE.sleptInAtomic)
  })

  it('is refused by a mirror before the list is asked: nobody has counted anything, and who sleeps wakes', () => {
    const mirror = { kind: 'odp', name: 'NIC 0', region: 'buf', script: [write] } as const
    const { damage, mapped, unmapped } = reach(scenario(reap, [mirror, vm]), { kernel: '5.5' })
    expect(damage).toBe(0)
    expect([mapped > 0, unmapped]).toEqual([true, 0])
  })
})

describe('invalidate_page (B34, I12)', () => {
  it.each([
    ['reclaim', { do: 'reclaim', region: 'buf' }],
    ['writeback', { do: 'writeback', region: 'buf' }],
  ] as const)('%s: a callback that sleeps is safe after the lock, and not under it', (what, action) => {
    const of = scenario(action, [userptr()], 'kernel', what === 'reclaim' ? 'anon' : 'file')
    const under = { kernel: '3.19', switches: { invalidatePagePlacement: 'under-ptl' } } as const
    expect(reach(of, { kernel: '3.19' }).damage).toBe(0)
    expect(reach(of, { kernel: '4.13' }).damage).toBe(0)
    expect(reach(of, under).damage).toBe(DAMAGE.sleptInAtomic)
  })
})
