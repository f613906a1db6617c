import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import { enumerate } from '../testing/enumerate.ts'
import { runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, labOf, other, scenarioOf } from '../testing/labs.ts'

/* change_pte(), up to 6.9: ksmd replaces a page that a guest has, every interleaving by brute force. */

const merge = { do: 'ksm-merge', page: 'buf[0]', with: 'buf[1]' } as const
const read = { do: 'read', page: 'buf[1]' } as const
const scenario = scenarioOf({
  frames: 12,
  cpus: [
    { task: 'kernel', tlb: 0, walkCache: 0, script: [merge] },
    other({ do: 'allocate', as: 'data' }),
    { ...app(), tlb: 0, walkCache: 0 },
  ],
  consumers: [
    { kind: 'kvm', name: 'VM 0', memslots: [{ gfn: 0, region: 'buf', first: 1 }], vcpus: [{ script: [read, read] }] },
  ],
})

function harmIn(chosen: Chosen): number {
  const { damage, deadlock } = enumerate(labOf(scenario, chosen))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return damage & (DAMAGE.usedAfterFree | DAMAGE.freedTooEarly)
}

describe('change_pte', () => {
  it.each([
    ['6.1', 3],
    ['6.6', 0],
  ] as const)('%s: is called for each PTE that ksmd sets: %i times', (kernel, times) => {
    const events = runAlone(labOf(buf1(), { kernel })).film.flatMap(step => step.events)
    expect(events.filter(e => e.type === 'pte-change-notified')).toHaveLength(times)
  })

  it('has nothing to change after start(), with it or without', () => {
    expect([harmIn({ kernel: '6.1' }), harmIn({ kernel: '6.1', switches: { changePte: false } })]).toEqual([0, 0])
  })

  it('would do for an SPTE that start() has left', () => {
    const without = ['kvm_unmap_gfn_range']
    expect(harmIn({ kernel: '6.1', without })).toBe(0)
    expect(harmIn({ kernel: '6.1', without, switches: { changePte: false } })).not.toBe(0)
  })
})

/** The same for an SVA driver, which has no change_pte. */
function buf1() {
  return scenarioOf({
    frames: 14,
    cpus: [
      { task: 'kernel', tlb: 0, walkCache: 0, script: [merge] },
      { ...app(), tlb: 0, walkCache: 0 },
    ],
    devices: [{ name: 'GPU 0', script: [] }],
    regions: [buf()],
  })
}
