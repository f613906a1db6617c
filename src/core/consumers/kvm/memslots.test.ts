import { describe, expect, it } from 'vitest'
import type { Machine } from '../../machine/cells.ts'
import { DAMAGE } from '../../machine/damage.ts'
import { checkScenario } from '../../scenarios/check.ts'
import type { CpuAction, KvmSpec, Scenario } from '../../scenarios/scenario.ts'
import { accountsOf } from '../../testing/accounts.ts'
import { enumerate, type Reached } from '../../testing/enumerate.ts'
import { filmOf, opsOf, runAlone } from '../../testing/films.ts'
import { app, buf, type Chosen, labOf, neighbour, other, scenarioOf } from '../../testing/labs.ts'

/*
 * Memslots that go and come beside faults of the guest and invalidations of the process. The notifier finds SPTEs by way of memslots:
 * what a deleted one leaves behind, nobody zaps any more.
 */

const change = (what: 'delete' | 'create'): CpuAction => ({ do: 'memslot', vm: 'VM 0', region: 'buf', change: what })
const task = (...script: CpuAction[]) => ({ ...app(...script), tlb: 0, walkCache: 0 })
const write = { do: 'write', page: 'buf[0]' } as const
const allocates = other({ do: 'allocate', as: 'data' })

const vm = (parts: Partial<KvmSpec> = {}): KvmSpec => ({
  kind: 'kvm',
  name: 'VM 0',
  memslots: [{ gfn: 0x10, region: 'buf' }],
  vcpus: [{ script: [write, write] }],
  ...parts,
})

const scenario = (cpus: Scenario['cpus'], spec: Partial<KvmSpec> = {}): Scenario =>
  scenarioOf({ frames: 12, regions: [buf({ pages: 1 }), neighbour()], cpus, consumers: [vm(spec)] })

/** User space gives a page of guest memory back: memslot first, then the mapping. */
const shrinks = scenario([task(change('delete'), { do: 'munmap', region: 'buf' }), allocates])
const beside = (cpu: CpuAction, spec?: Partial<KvmSpec>) =>
  scenario([task(cpu), task({ do: 'madvise-dontneed', region: 'buf' })], { vcpus: [], ...spec })
const absent = { memslots: [{ gfn: 0x10, region: 'buf', absent: true }] }

function reach(s: Scenario, chosen: Chosen = {}): Reached {
  const lab = labOf(s, chosen)
  const broken = (chosen.without ?? []).length > 0
  const reached = enumerate(lab, (m: Machine) => {
    if (!broken) expect(accountsOf(lab, m)).toEqual([])
  })
  expect(reached.deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return reached
}

const WRONG = DAMAGE.usedAfterFree | DAMAGE.unsoundEntry | DAMAGE.freedTooEarly | DAMAGE.pairingBroken

describe('a memslot that is deleted', () => {
  it.each(['x86', 'arm64'] as const)('%s: the guest reaches nothing of it when its pages are unmapped', arch => {
    const { damage, states } = reach(shrinks, { arch })
    expect(damage & WRONG).toBe(0)
    expect(states).toBeGreaterThan(300)
  })

  it.each([
    ['the zap of its SPTEs', 'kvm_arch_flush_shadow_memslot'],
    ['the wait for faults', 'kvm_invalidate_memslot/kvm_swap_active_memslots/synchronize_srcu_expedited'],
  ])('is used after its pages are freed without %s', (_what, point) => {
    const { damage } = reach(shrinks, { without: [point] })
    expect(damage & DAMAGE.usedAfterFree).not.toBe(0)
  })

  it('is marked, waited for, zapped, and only then taken out', () => {
    expect(
      filmOf(runAlone(labOf(shrinks)))
        .split('\n')
        .slice(1, 9),
    ).toMatchInlineSnapshot(`
      [
        "kvm_set_memory_region [kvm_set_memory_region]",
        "rcu_assign_pointer [memslot invalid]",
        "synchronize_srcu_expedited [synchronize_srcu_expedited]",
        "kvm_arch_flush_shadow_memslot [zap 0]",
        "rcu_assign_pointer [memslot gone]",
        "synchronize_srcu_expedited [synchronize_srcu_expedited]",
        "kvm_vm_ioctl [return]",
        "mmap_write_lock_killable [lock]",
      ]
    `)
  })

  it('is no guest memory any more: the access of a vCPU is left undone', () => {
    const lab = labOf(scenario([task(change('delete'))]))
    const run = runAlone(lab)
    const refused = ['guest store [exit]', 'kvm_vcpu_gfn_to_memslot [refused]']
    expect(opsOf(run, 'vCPU 0')).toEqual([...refused, ...refused])
    expect(lab.actors.every(actor => actor.finished(run.stateAt(run.length)))).toBe(true)
  })
})

describe('memslots and invalidations', () => {
  it('a memslot neither goes nor comes between start() and end()', () => {
    expect(reach(beside(change('delete'))).damage & WRONG).toBe(0)
    expect(reach(beside(change('create'), absent)).damage & WRONG).toBe(0)
  })

  it.each([
    ['goes', change('delete'), {}, 'kvm_delete_memslot/kvm_swap_active_memslots/rcu_assign_pointer'],
    ['comes', change('create'), absent, 'kvm_swap_active_memslots/rcu_assign_pointer'],
  ] as const)('one that %s in between leaves a count that is not even (I10)', (_how, cpu, spec, point) => {
    expect(reach(beside(cpu, spec), { without: [point] }).damage & DAMAGE.pairingBroken).not.toBe(0)
  })

  it('is refused where it makes no sense', () => {
    const at = (s: Scenario) => checkScenario(s).map(p => p.at)
    expect(at(shrinks)).toEqual([])
    expect(at({ ...shrinks, consumers: [] })).toEqual(['cpus[0].script[0].vm'])
    expect(at({ ...shrinks, consumers: [vm({ apicPage: 'heap[0]' })] })).toEqual(['consumers[0].apicPage'])
    expect(at({ ...shrinks, consumers: [vm(absent)] })).toEqual(['consumers[0].memslots[0].absent'])
    expect(at({ ...shrinks, cpus: [task(change('create'))] })).toEqual(['cpus[0].script[0].change'])
  })
})
