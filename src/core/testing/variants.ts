import fc from 'fast-check'
import { known } from '../base/assert.ts'
import { presetOf } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { isReducible } from '../scenarios/reducible.ts'
import type { ConsumerSpec, Scenario } from '../scenarios/scenario.ts'
import { omissionPoints } from '../threads/omission.ts'
import { labOf } from './labs.ts'
import { EVERY_SCENARIO } from './paths.ts'
import { anyPlace, type Place } from './walks.ts'

/** The scenario with a second device that does as the first. */
export function withTwin(scenario: Scenario, actions = 16): Scenario {
  const first = known(scenario.devices[0], 'a device')
  const script = first.script.slice(0, actions)
  return { ...scenario, devices: [first.name, 'its twin'].map(name => ({ name, script })), breaks: [] }
}

/** The scenario with devices and threads of consumers that do their work so many times over, devices the first accesses of it. */
export function repeating(scenario: Scenario, times: number, accesses = 16): Scenario {
  const again = <T>(script: readonly T[]): T[] => Array.from({ length: times }, () => script).flat()
  const busier = (spec: ConsumerSpec): ConsumerSpec => {
    if (spec.kind === 'gpu') return { ...spec, driver: again(spec.driver), script: again(spec.script) }
    if (spec.kind !== 'kvm') return { ...spec, script: again(spec.script) }
    const { pfnCache, vcpus } = spec
    return {
      ...spec,
      vcpus: vcpus.map(({ script }) => ({ script: again(script) })),
      ...(pfnCache === undefined ? {} : { pfnCache: { ...pfnCache, script: again(pfnCache.script) } }),
    }
  }
  return {
    ...scenario,
    devices: scenario.devices.map(device => ({ ...device, script: again(device.script.slice(0, accesses)) })),
    ...(scenario.consumers === undefined ? {} : { consumers: scenario.consumers.map(busier) }),
    breaks: [],
  }
}

/** Reductions are for those of which everything is declared. */
const REDUCIBLE = new Set(EVERY_SCENARIO.filter(s => isReducible(labOf(s))).map(s => s.id))

/** A place whose searches are reduced, and what else may be different there: a second device, small caches and queue, points of the code left out. */
export interface Variant {
  readonly place: Place
  readonly twin: boolean
  readonly small: boolean
  readonly without: readonly number[]
}

export const anyVariant: fc.Arbitrary<Variant> = fc
  .record({
    place: anyPlace.filter(({ scenario }) => REDUCIBLE.has(scenario)),
    twin: fc.boolean(),
    small: fc.boolean(),
    without: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.nat(), { maxLength: 2 }) },
    ),
  })
  // Switches too decide whether everything is declared.
  .filter(variant => isReducible(labOfVariant(variant)))

/** The lab that a variant stands for. */
export function labOfVariant({ place, twin, small, without }: Variant): Lab {
  const { kernel = '6.6', arch = 'x86', driver = 'notifier', switches = {} } = place.chosen
  const plain = known(
    EVERY_SCENARIO.find(s => s.id === place.scenario),
    place.scenario,
  )
  const doubled = twin && plain.devices.length > 0 ? withTwin(plain) : plain
  const scenario = small
    ? { ...doubled, iommu: { iotlb: 1, walkCache: 1, queue: 1 + doubled.devices.filter(d => d.ats).length } }
    : doubled
  const policy = applySwitches(presetOf(kernel, arch, driver), { ...scenario.switches, ...switches })
  const lab = buildLab(scenario, policy)
  const points = omissionPoints(lab.programs)
  const ids = points.length === 0 ? [] : without.map(i => known(points[i % points.length], 'point').id)
  return ids.length === 0 ? lab : buildLab(scenario, policy, undefined, ids)
}
