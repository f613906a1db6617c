import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Parts } from '../explorer/system.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import type { KernelId } from '../runs/settings.ts'
import { after } from '../testing/accesses.ts'
import { keyOf } from '../testing/enumerate.ts'
import { app, buf, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { repeating, withTwin } from '../testing/variants.ts'
import { anyPicks, movesIn, picked } from '../testing/walks.ts'
import type { Lab } from './build.ts'
import { systemOf } from './exploration.ts'
import { RULES } from './rules.ts'
import type { KvmSpec, Scenario } from './scenario.ts'
import { scenarioById } from './scenario-list.ts'

const script: KvmSpec['vcpus'][number]['script'] = [
  { do: 'read', page: 'buf[0]' },
  { do: 'write', page: 'buf[0]' },
]

const pfnCache: KvmSpec['pfnCache'] = { page: 'buf[1]', script: [{ do: 'write' }] }

/** Two vCPUs that do the same. */
function twoVcpus(vm: Partial<KvmSpec> = {}, cpus: Scenario['cpus'] = []): Scenario {
  return scenarioOf({
    regions: [buf(), neighbour()],
    cpus: [app({ do: 'madvise-dontneed', region: 'buf' }), other({ do: 'allocate', as: 'data' }), ...cpus],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    consumers: [
      {
        kind: 'kvm',
        name: 'VM 0',
        memslots: [{ gfn: 16, region: 'buf' }],
        vcpus: [{ script }, { script }],
        ...vm,
      },
    ],
  })
}

const twinsOf = (lab: Lab): Parts['twins'] => systemOf(lab).parts?.twins
const devices = withTwin(known(scenarioById('munmap-plain'), 'scenario'))
const KERNELS: readonly KernelId[] = ['3.18', '3.19', '4.15', '5.5', '6.1', '6.6', '6.19']

describe('twins', () => {
  it.each([
    ['devices', devices],
    ['vCPUs beside a pfn cache', twoVcpus({ pfnCache })],
    ['vCPUs that go round', repeating(twoVcpus(), 2)],
  ])('%s: a state and its mirror image have the same future, mirrored', (_what, scenario) => {
    fc.assert(
      fc.property(fc.constantFrom(...KERNELS), anyPicks, (kernel, picks) => {
        const lab = labOf(scenario, { kernel })
        const { swap } = known(twinsOf(lab), 'twins')
        const mirrored = (m: Machine): Machine => {
          const image = copyOf(m)
          swap(image)
          return image
        }
        const futures = (m: Machine): Machine[] =>
          movesIn(lab, m).map(({ actor, alternative }) => after(lab, m, actor, alternative))
        const m = copyOf(lab.initial)
        for (const pick of picks) {
          const image = mirrored(m)
          expect(keyOf(mirrored(image))).toBe(keyOf(m))
          for (const rule of RULES) expect(rule.violated(lab.setup, image)).toBe(rule.violated(lab.setup, m))
          const mine = futures(m).map(next => keyOf(mirrored(next)))
          expect(futures(image).map(keyOf).sort()).toEqual(mine.sort())
          const choice = picked(lab, m, pick)
          if (choice === undefined) return
          known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('are not those that differ, or of whom something single is told', () => {
    expect(twinsOf(labOf(twoVcpus()))).toBeDefined()
    const told: readonly Scenario[] = [
      twoVcpus({ vcpus: [{ script }, { script: script.slice(0, 1) }] }),
      twoVcpus({ vcpus: [{ script }] }),
      twoVcpus({ apicPage: 'heap[0]' }),
      twoVcpus({}, [app({ do: 'memslot', vm: 'VM 0', region: 'buf', change: 'delete' })]),
    ]
    for (const scenario of told) expect(twinsOf(labOf(scenario))).toBeUndefined()
  })
})
