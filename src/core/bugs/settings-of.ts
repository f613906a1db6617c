import { HISTORY } from '../policy/history.ts'
import type { Policy, SwitchId } from '../policy/policy.ts'
import { driverFor, presetOf } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import type { KernelId, Settings, SwitchValue } from '../runs/settings.ts'
import type { Bug } from './bug.ts'

/** Which settings of a bug a reader looks at: those with it, those without, or a kernel of the slider as it is. */
export type Side = 'present' | 'fixed' | KernelId

/** What can tell two settings apart: a switch, or the driver. */
export type Field = SwitchId | 'driver'

/** The settings of a side. A kernel speaks for itself where the bug's switch belongs to kernels; else the bug stays switched on. */
export function settingsOf(bug: Bug, side: Side): Settings {
  if (side === 'present' || side === 'fixed') return bug[side]
  const { driver, arch, switches } = bug.present
  const { field } = bug.toggle
  const own = Object.entries(switches).filter(([id]) => id !== field || !isHistoric(bug))
  return {
    kernel: side,
    driver: driverFor(side, { kernel: bug.present.kernel, driver }),
    arch,
    switches: Object.fromEntries(own),
  }
}

/** The bug's switch is one that kernels set. Where none of the slider has it as it is with the bug, the bug lies between two of them. */
const isHistoric = ({ toggle: { field } }: Bug): boolean => Object.hasOwn(HISTORY, field)

/** The policy that a bug's scenario runs under. */
export function policyOf({ scenario }: Pick<Bug, 'scenario'>, { kernel, arch, driver, switches }: Settings): Policy {
  const all: Readonly<Record<string, SwitchValue>> = { ...scenario.switches, ...switches }
  return applySwitches(presetOf(kernel, arch, driver), all)
}

/** The settings, with one field set to another value. */
export const withField = (settings: Settings, field: Field, value: SwitchValue): Settings =>
  field === 'driver'
    ? { ...settings, driver: value as Settings['driver'] }
    : { ...settings, switches: { ...settings.switches, [field]: value } }

/** Fields in which two policies differ; those of the settings themselves, kernel and architecture, are left out. */
export function differences(one: Policy, other: Policy): Field[] {
  const fields = Object.keys(one) as (keyof Policy)[]
  return fields.filter((f): f is Field => f !== 'kernel' && f !== 'arch' && one[f] !== other[f])
}
