import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { get, type Machine } from '../../machine/cells.ts'
import { DAMAGE } from '../../machine/damage.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { CpuAction, MirrorAction, MirrorSpec, Scenario } from '../../scenarios/scenario.ts'
import { enumerate, type Reached } from '../../testing/enumerate.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../../testing/labs.ts'

/*
 * A mirror under an interval notifier beside munmap() and madvise(), every interleaving by brute force: does the device reach a freed
 * frame, is a device PTE made that nobody will take away, does everybody who sleeps wake?
 */

const write: MirrorAction = { do: 'write', page: 'buf[0]' }
const mirror = (spec: Partial<MirrorSpec> = {}): MirrorSpec => ({
  kind: 'hmm',
  name: 'GPU 0',
  region: 'buf',
  script: [{ do: 'read', page: 'buf[0]' }, write],
  ...spec,
})
const task = (...script: CpuAction[]) => ({ ...app(...script), tlb: 0, walkCache: 0 })
const dontneed: CpuAction = { do: 'madvise-dontneed', region: 'buf' }

const scenario = (parts: Partial<Parameters<typeof scenarioOf>[0]> = {}): Scenario =>
  scenarioOf({
    frames: 14,
    regions: [buf({ pages: 1 }), neighbour()],
    cpus: [task({ do: 'munmap', region: 'buf' }), other({ do: 'allocate', as: 'data' })],
    consumers: [mirror()],
    ...parts,
  })

function reach(s: Scenario, chosen: Chosen = {}): Reached {
  const lab = labOf(s, chosen)
  const reached = enumerate(lab, m => keepsTheBooks(lab, m))
  expect(reached.deadlock, 'somebody sleeps for ever').toBeUndefined()
  return reached
}

/** What must be so in every state, whatever goes wrong besides. */
function keepsTheBooks(lab: Lab, m: Machine): void {
  const { itree, mirrors, openPairs } = lab.setup.shape
  const seq = get(m, itree.seq, 0)
  if (get(m, itree.active, 0) === 0) expect(seq % 2, 'even when nothing runs').toBe(0)
  for (const k of mirrors) expect(get(m, k.seq, 0), 'told by what runs or ran').toBeLessThanOrEqual(seq + 1)
  if (!lab.actors.every(a => a.finished(m))) return
  const locks = mirrors.map(k => get(m, k.lock, 0))
  expect([get(m, itree.active, 0), get(m, openPairs, 0), ...locks]).toEqual([0, 0, ...locks.map(() => 0)])
  for (const k of mirrors) for (let page = 0; page < k.told.length; page++) expect(get(m, k.told, page)).toBe(0)
}

const HARM = DAMAGE.usedAfterFree | DAMAGE.walkedAfterFree
const WRONG = HARM | DAMAGE.unsoundEntry | DAMAGE.freedTooEarly | DAMAGE.pairingBroken | DAMAGE.usedAfterItsEnd

describe('a fault of a mirror against munmap()', () => {
  it.each([
    ['hmm', '5.5', 'x86'],
    ['hmm', '6.1', 'x86'],
    ['hmm', '6.6', 'arm64'],
    ['odp', '6.14', 'x86'],
  ] as const)(
    '%s, %s, %s: no freed frame is reached, no device PTE is unsound, who sleeps wakes',
    (kind, kernel, arch) => {
      const { damage, states } = reach(scenario({ consumers: [mirror({ kind })] }), { kernel, arch })
      expect(damage & WRONG).toBe(0)
      expect(states).toBeGreaterThan(400)
    },
  )

  it('holds where the page is faulted in again beside a zap, and where two zaps overlap in time', () => {
    const reader = { ...task({ do: 'read', page: 'buf[0]' }), tlb: 1, walkCache: 1 }
    expect(reach(scenario({ cpus: [task(dontneed), reader] })).damage & WRONG).toBe(0)
    const both = [task(dontneed), task({ do: 'madvise-dontneed', region: 'heap' })]
    expect(reach(scenario({ cpus: both })).damage & WRONG).toBe(0)
  })

  it('before 5.5 its driver cannot subscribe: it mirrors nothing, and nothing of it runs', () => {
    const lab = labOf(scenario(), { kernel: '4.19' })
    const k = known(lab.setup.shape.mirrors[0], 'mirror')
    const { damage } = enumerate(lab, m => expect(get(m, k.pte, 0)).toBe(0))
    expect(damage & WRONG).toBe(0)
  })

  it('is broken where the driver does not ask before it makes a device PTE', () => {
    const { damage } = reach(scenario(), { switches: { readRetry: 'skipped' } })
    expect(damage & DAMAGE.unsoundEntry).not.toBe(0)
    expect(damage & DAMAGE.usedAfterFree).not.toBe(0)
  })

  it.each([
    ['the new sequence of the subscription', 'mmu_interval_set_seq', DAMAGE.unsoundEntry],
    ['the device PTEs cleared or the TLB flushed', 'invalidate', DAMAGE.usedAfterFree],
  ])('is broken without %s', (_what, point, damage) => {
    expect(reach(scenario(), { without: [point] }).wayTo(damage)).toBeDefined()
  })
})

describe('several subscribers of one mm', () => {
  const vm = {
    kind: 'kvm',
    name: 'VM 0',
    memslots: [{ gfn: 0x10, region: 'buf' }],
    vcpus: [{ script: [{ do: 'write', page: 'buf[0]' }] }],
  } as const
  it('an SVA device, a VM and a mirror hear of one munmap: each in time', () => {
    const all = scenario({
      regions: [buf({ pages: 1 })],
      devices: [gpu({ do: 'write', page: 'buf[0]' })],
      iommu: { iotlb: 1, walkCache: 0, queue: 2 },
      consumers: [vm, mirror({ name: 'NIC 0', kind: 'odp', script: [write] })],
      cpus: [task({ do: 'madvise-dontneed', region: 'buf' })],
    })
    const { damage, states } = reach(all)
    expect(damage & WRONG).toBe(0)
    expect(states).toBeGreaterThan(10_000)
  })

  it('two mirrors: the sequence is one for both, and a zap of one keeps the other asleep', () => {
    const consumers = [
      mirror({ script: [write] }),
      mirror({ name: 'NIC 0', kind: 'odp', region: 'heap', script: [{ do: 'read', page: 'heap[0]' }] }),
    ]
    expect(reach(scenario({ consumers, cpus: [task(dontneed)] })).damage & WRONG).toBe(0)
  })
})

describe('a mirror begins while a zap is under way', () => {
  const inserted = scenario({
    cpus: [task(dontneed), other({ do: 'allocate', as: 'data' })],
    consumers: [mirror({ script: [{ do: 'insert' }, write] })],
  })
  it('makes nothing of what the zap takes away: its sequence says that one is running', () => {
    expect(reach(inserted).damage & WRONG).toBe(0)
  })
  it('reaches a freed frame where its sequence does not', () => {
    const { damage } = reach(inserted, { without: ['mmu_interval_notifier_insert'] })
    expect(damage & DAMAGE.usedAfterFree).not.toBe(0)
  })
})

describe('a mirror is given up (B21)', () => {
  const removed = scenario({ consumers: [mirror({ script: [write, { do: 'remove' }] })] })
  it.each([
    ['seq-released', false],
    ['seq-changed', true],
  ] as const)('the removal waits for: %s', (deferredRemoveWait, harm) => {
    const { damage } = reach(removed, { switches: { deferredRemoveWait } })
    expect((damage & DAMAGE.usedAfterItsEnd) !== 0).toBe(harm)
    expect(damage & (WRONG & ~DAMAGE.usedAfterItsEnd)).toBe(0)
  })
})
