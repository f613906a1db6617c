import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import { LISTED, listedAt } from '../machine/subscriptions.ts'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { buf, type Chosen, labOf, scenarioOf } from '../testing/labs.ts'

/* Subscribers of the list come and go while invalidations run: every interleaving by brute force. */

type Consumers = NonNullable<Scenario['consumers']>
const vm: Consumers[number] = {
  kind: 'kvm',
  name: 'VM 0',
  memslots: [{ gfn: 0, region: 'buf' }],
  vcpus: [{ script: [{ do: 'read', page: 'buf[0]' }] }],
}
/** Its guest does nothing. */
const idle: Consumers[number] = { ...vm, vcpus: [{ script: [] }] }
const gpu: Consumers[number] = {
  kind: 'gpu',
  name: 'GPU 0',
  userptr: true,
  driver: [{ do: 'bind', page: 'buf[0]' }],
  script: [{ do: 'write', page: 'buf[0]' }],
}
const of = (subscriber: 'VM 0' | 'GPU 0', change: 'register' | 'unregister' | 'put') =>
  ({ do: change, subscriber }) as const
const zap: CpuAction = { do: 'madvise-dontneed', region: 'buf' }

const scenario = (consumer: Consumers[number], actions: readonly CpuAction[], beside: CpuAction): Scenario =>
  scenarioOf({
    frames: 10,
    regions: [buf({ pages: 1 })],
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: actions },
      { task: beside.do === 'reclaim' ? 'kernel' : 'app', tlb: 0, walkCache: 0, script: [beside] },
    ],
    consumers: [consumer],
    switches: { driverFlushBeforePut: true },
  })

function reach(s: Scenario, chosen: Chosen = {}) {
  const lab = labOf(s, chosen)
  const ends = new Set<number>()
  const { damage, deadlock, states } = enumerate(lab, m => {
    if (chosen.without === undefined) expect(accountsOf(lab, m)).toEqual([])
    if (lab.actors.every(actor => actor.finished(m))) ends.add(listedAt(lab.setup.shape, m, 0))
  })
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return { damage, states, ends: [...ends] }
}

describe('register', () => {
  const reclaim: CpuAction = { do: 'reclaim', region: 'buf' }

  it.each(['3.18', '6.6'] as const)('%s: whoever comes beside a pair hears of no end() without its start', kernel => {
    const { damage, ends } = reach(scenario(idle, [of('VM 0', 'register')], reclaim), { kernel })
    expect(damage).toBe(0)
    expect(ends).toEqual([LISTED.in])
  })

  it('does where not all locks of the reverse map were taken (I10)', () => {
    const s = scenario(idle, [of('VM 0', 'register')], reclaim)
    expect(reach(s, { without: ['mm_take_all_locks'] }).damage & DAMAGE.pairingBroken).not.toBe(0)
  })
})

describe('unregister and put', () => {
  it.each([
    ['a VM', vm, of('VM 0', 'unregister')],
    ['user pointers', gpu, of('GPU 0', 'unregister')],
    ['a VM, put', vm, of('VM 0', 'put')],
  ] as const)('%s: is freed when nobody walks the list any more (I13)', (_who, consumer, action) => {
    const { damage, ends } = reach(scenario(consumer, [action], zap))
    expect(damage).toBe(0)
    expect(ends).toEqual([LISTED.freed])
  })

  it('is used when it is freed, without the grace period', () => {
    const s = scenario(vm, [of('VM 0', 'unregister')], zap)
    expect(reach(s, { without: ['synchronize_srcu'] }).damage & DAMAGE.usedAfterItsEnd).not.toBe(0)
  })

  it('names freed frames when it is unregistered without its release()', () => {
    const s = scenario(vm, [of('VM 0', 'unregister')], zap)
    expect(reach(s, { without: ['kvm_flush_shadow_all'] }).damage).toBe(DAMAGE.freedTooEarly)
  })

  it('before 5.4 who puts waits: it is unregistered', () => {
    expect(reach(scenario(idle, [of('VM 0', 'put')], zap), { kernel: '4.19' }).ends).toEqual([LISTED.freed])
  })

  it('one who comes and goes has a place in the list for so long', () => {
    const script = [of('VM 0', 'register'), of('VM 0', 'unregister')]
    const { damage, ends } = reach(scenario(vm, script, zap))
    expect([damage, ends]).toEqual([0, [LISTED.freed]])
  })
})
