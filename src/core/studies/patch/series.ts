import type { Policy, SwitchId, SwitchValues } from '../../policy/policy.ts'
import { presetOf } from '../../policy/presets.ts'
import { applySwitches, SWITCH_IDS } from '../../policy/switches.ts'
import type { DriverKind, KernelId } from '../../runs/settings.ts'

/**
 * The series of 2014, 3.19: 1/3 is 1897bdc4d331, an empty mmu_notifier_invalidate_range(); 2/3 is 34ee645e83b6, which calls it
 * from the VM; 3/3 adds the callback, which end() makes too.
 */
export const PATCHES = [1, 2, 3] as const
export type Patch = (typeof PATCHES)[number]

/** The kernel before it. */
export const BEFORE: KernelId = '3.18'

/** Patches that are in, ascending. */
export type Series = readonly Patch[]

/** Every set of them that compiles: 2/3 and 3/3 both need the function of 1/3. */
export const EVERY_SERIES: readonly Series[] = [[], [1], [1, 2], [1, 3], [1, 2, 3]]

/** The smallest set that compiles and has all of these in it. */
export const completed = (patches: readonly Patch[]): Series =>
  PATCHES.filter(p => patches.includes(p) || (p === 1 && patches.length > 0))

/** A set with one patch more or less, and with it what cannot be without it. */
export function toggled(series: Series, patch: Patch): Series {
  if (!series.includes(patch)) return completed([...series, patch])
  return patch === 1 ? [] : series.filter(p => p !== patch)
}

/** A kernel with these patches in: the preset that comes nearest, and switches for the rest. */
export interface SeriesKernel {
  readonly kernel: KernelId
  readonly switches: SwitchValues
}

/** The kernel that has just these patches. Without 2/3, 3/3 brings a callback that nobody calls. */
export function kernelWith(series: Series): SeriesKernel {
  if (series.includes(3)) return { kernel: '3.19', switches: series.includes(2) ? {} : put(CALLS, '3.19-1of3') }
  if (series.includes(2)) return { kernel: '3.19-2of3', switches: {} }
  return { kernel: series.includes(1) ? '3.19-1of3' : BEFORE, switches: {} }
}

/** Drivers that can be written for a kernel with these patches, the one written for it first. */
export const driversFor = (series: Series): readonly DriverKind[] =>
  series.includes(3) ? ['notifier', 'naive', 'empty-table'] : ['naive', 'empty-table']

/** The same as a policy, on x86. */
export function policyWith(series: Series, driver: DriverKind): Policy {
  const { kernel, switches } = kernelWith(series)
  return applySwitches(presetOf(kernel, 'x86', driver), switches)
}

/** The same kernel without anything that the series brought. */
export const withoutSeries = (policy: Policy): Policy => applySwitches(policy, put(BROUGHT, BEFORE))

/** Switches in which two kernels differ. */
function between(one: KernelId, other: KernelId): readonly SwitchId[] {
  const a = presetOf(one, 'x86', 'naive')
  const b = presetOf(other, 'x86', 'naive')
  return SWITCH_IDS.filter(id => a[id] !== b[id])
}

/** Those switches as another kernel has them. */
function put(ids: readonly SwitchId[], as: KernelId): SwitchValues {
  const preset = presetOf(as, 'x86', 'naive')
  return Object.fromEntries(ids.map(id => [id, preset[id]]))
}

const CALLS = between('3.19-1of3', '3.19-2of3')
const BROUGHT = between(BEFORE, '3.19')
