import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { copyOf, get, type Machine } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import type { KvmColumns } from '../../machine/kvm.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { CpuAction, GuestAction, KvmSpec, Scenario } from '../../scenarios/scenario.ts'
import { accountsOf } from '../../testing/accounts.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../../testing/labs.ts'
import { Oracle } from '../../testing/oracle.ts'
import { anyPicks, picked } from '../../testing/walks.ts'

/* KVM with any scripts, in any kernel, whatever the schedule. */

const page = fc.constantFrom('buf[0]', 'buf[0]', 'buf[1]', 'heap[0]')
const guestAction: fc.Arbitrary<GuestAction> = fc.record({ do: fc.constantFrom('read', 'write'), page })
const cpuAction: fc.Arbitrary<CpuAction> = fc.oneof(
  fc.record({ do: fc.constantFrom('munmap', 'madvise-dontneed'), region: fc.constantFrom('buf', 'heap') }),
  fc.constant<CpuAction>({ do: 'madvise-dontneed', region: 'buf', first: 1, pages: 1 }),
  fc.record({ do: fc.constantFrom('read', 'write'), page }),
)
const few = <T>(one: fc.Arbitrary<T>, most: number) => fc.array(one, { maxLength: most })

const memslots: KvmSpec['memslots'] = [
  { gfn: 0, region: 'buf' },
  { gfn: 8, region: 'heap' },
]
/** Two VMs; the second has a page of its own as APIC page, and two CPUs of the process and a device are beside them. */
const anyVms: fc.Arbitrary<Scenario> = fc
  .record({
    cpus: fc.tuple(few(cpuAction, 2), few(cpuAction, 2)),
    vcpus: fc.array(fc.record({ script: few(guestAction, 3) }), { minLength: 1, maxLength: 2 }),
    cache: few(fc.record({ do: fc.constantFrom('read', 'write') }), 2),
    apic: few(fc.constant<GuestAction>({ do: 'read', page: 'lib[0]' }), 2),
    zapsApic: fc.boolean(),
    device: fc.boolean(),
  })
  .map(({ cpus, vcpus, cache, apic, zapsApic, device }) =>
    scenarioOf({
      frames: 24,
      regions: [buf(), neighbour(), neighbour({ name: 'lib', at: '0x100000180000' })],
      cpus: [
        app(...cpus[0]),
        app(...cpus[1], ...(zapsApic ? [{ do: 'madvise-dontneed', region: 'lib' } as const] : [])),
        other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }),
      ],
      consumers: [
        { kind: 'kvm', name: 'VM 0', memslots, vcpus, pfnCache: { page: 'buf[0]', script: cache } },
        { kind: 'kvm', name: 'VM 1', memslots: [], vcpus: [{ script: apic }], apicPage: 'lib[0]' },
      ],
      devices: device ? [gpu({ do: 'write', page: 'buf[any]' })] : [],
      batchSize: 2,
    }),
  )

/** Checks that are left out make the harm that the oracles are to find. */
const anyChosen: fc.Arbitrary<Chosen> = fc.record({
  without: fc.constantFrom([], ['is_page_fault_stale', 'mmu_invalidate_retry']),
  kernel: fc.constantFrom('3.18', '3.19', '4.15', '6.1', '6.6', '6.14'),
  arch: fc.constantFrom('x86', 'arm64'),
  switches: fc.record({
    seqSampledAt: fc.constantFrom('before-VMA-lookup', 'after'),
    pfnCacheRetryCounter: fc.constantFrom('in_progress', 'mn_active_invalidate_count'),
    hwCachedPfnReload: fc.constantFrom('never', 'start', 'range', 'retry'),
  }),
})

/** KVM that keeps its SPTEs: many accesses are harm. */
const zapsNothing = anyChosen.map((chosen): Chosen => ({ ...chosen, without: ['kvm_unmap_gfn_range'] }))

interface Moved {
  readonly actor: number
  readonly events: readonly SimEvent[]
  readonly before: Machine
  readonly after: Machine
}

const always = (start: (lab: Lab) => (moved: Moved) => void, chosen = anyChosen, numRuns = 120): void =>
  fc.assert(
    fc.property(anyVms, chosen, anyPicks, (scenario, where, picks) => {
      const lab = labOf(scenario, where)
      const check = start(lab)
      let before = lab.initial
      for (const pick of picks) {
        const choice = picked(lab, before, pick)
        if (choice === undefined) return
        const after = copyOf(before)
        const events: SimEvent[] = []
        known(lab.actors[choice.actor], 'actor').step(after, choice.alternative, e => events.push(e))
        check({ actor: choice.actor, events, before, after })
        before = after
      }
    }),
    { numRuns },
  )

const kvms = (lab: Lab): readonly KvmColumns[] => lab.setup.shape.kvms

describe('whatever the schedule, the scripts, the kernel', () => {
  it('references and counts are who holds them and what is open, and come back to nothing', () => {
    always(lab => ({ after }) => {
      const wrong = accountsOf(lab, after)
      if (wrong.length > 0) throw new Error(wrong.join('; '))
    })
  })

  it('an SPTE is made by a vCPU that holds mmu_lock, and zapped by a CPU that holds it', () => {
    always(lab => ({ actor, before, after }) => {
      for (const [v, k] of kvms(lab).entries()) {
        for (let p = 0; p < k.spte.length; p++) {
          const [then, now] = [get(before, k.spte, p), get(after, k.spte, p)]
          if (then === now) continue
          const kind = lab.actors[actor]?.kind
          expect(kind).toBe(now === 0 ? 'cpu' : 'vcpu')
          const holder = get(before, k.lock, 0)
          const names = [...lab.setup.cpus, { name: 'worker' }, ...lab.setup.consumers.flatMap(c => c.threads)]
          expect(names[holder - 1]?.name, `mmu_lock of VM ${v}`).toBe(lab.actors[actor]?.name)
        }
      }
    })
  })

  it('an access is harm exactly if an oracle that sees events only says so', () => {
    always(lab => {
      const oracle = new Oracle(lab)
      return ({ events }) => {
        const { usedAfterFree } = oracle.watch(events)
        expect(events.some(e => e.type === 'used-after-free')).toBe(usedAfterFree)
      }
    }, zapsNothing)
  })

  it('an SPTE is unsound exactly if, of what events tell, an invalidation of its page is on or has ended since the mm was read', () => {
    always(() => {
      const witness = new Witness()
      return ({ actor, events }) => {
        const unsound = events.some(e => e.type === 'entry-unsound' && e.what === 'SPTE')
        expect(unsound).toBe(witness.watch(actor, events))
      }
    })
  })

  it('with the switches as newer kernels have them, nothing is ever unsound or reached after it was freed', () => {
    const sound = anyChosen.map(
      ({ kernel, arch }): Chosen => ({ kernel: kernel === '6.6' ? '6.6' : '6.14', arch: arch ?? 'x86' }),
    )
    always(
      () =>
        ({ events }) =>
          expect(events.filter(e => e.type === 'entry-unsound' || e.type === 'used-after-free')).toEqual([]),
      sound,
    )
  })
})

/** Decides on rule I9 for SPTEs from events alone. */
class Witness {
  /** By actor and consumer: pages of an invalidation that has zapped and not ended. */
  private readonly on = new Map<string, { readonly start: number; readonly end: number }>()
  /** By thread: the page it has read of, and whether an invalidation of it has ended since. */
  private readonly read = new Map<string, { readonly vpn: number; outdated: boolean }>()

  watch(actor: number, events: readonly SimEvent[]): boolean {
    let unsound = false
    for (const e of events) {
      if (e.type === 'shadow-zapped') this.on.set(`${actor} ${e.consumer}`, e)
      if (e.type === 'shadow-sequence-raised') {
        const range = known(this.on.get(`${actor} ${e.consumer}`), 'an invalidation')
        this.on.delete(`${actor} ${e.consumer}`)
        for (const [thread, fault] of this.read)
          if (thread.startsWith(`${e.consumer} `) && fault.vpn >= range.start && fault.vpn < range.end)
            fault.outdated = true
      }
      if (e.type === 'vma-looked-up' || e.type === 'page-referenced') {
        const thread = `${e.consumer} ${e.who}`
        if (!this.read.has(thread)) this.read.set(thread, { vpn: e.vpn, outdated: false })
      }
      if (e.type === 'shadow-entry-set' && e.what === 'SPTE') {
        const passed = [...this.on].some(
          ([key, range]) => key.endsWith(` ${e.consumer}`) && e.vpn >= range.start && e.vpn < range.end,
        )
        unsound = passed || this.read.get(`${e.consumer} ${e.who}`)?.outdated === true
      }
      // The fault is over, or starts over: it goes back to the guest.
      if (e.type === 'guest-exited' || e.type === 'guest-accessed') this.read.delete(`${e.consumer} ${e.who}`)
    }
    return unsound
  }
}
