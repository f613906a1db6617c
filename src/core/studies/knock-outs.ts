import type { Features } from '../machine/features.ts'
import type { Policy, SwitchId } from '../policy/policy.ts'
import { applySwitches, SWITCHES } from '../policy/switches.ts'
import type { SwitchValue } from '../runs/settings.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { omissionPoints } from '../threads/omission.ts'
import type { Subject } from './study.ts'

/** One thing that only protects, and that can be left out: at a point of the kernel's code, or by a switch. */
export interface KnockOut {
  /** What is left out: `the wait for the IOMMU`. */
  readonly what: string
  /** Call path, outermost caller first, the function itself last; of a switch, its label alone. */
  readonly path: readonly string[]
  /** Source file of the function; '' of a switch. */
  readonly file: string
  /** Title of the phase it belongs to, or null. */
  readonly phase: string | null
  readonly how:
    | { readonly kind: 'op'; readonly id: string }
    | { readonly kind: 'switch'; readonly id: SwitchId; readonly value: SwitchValue }
  /** Where in the programs it is written; empty of a switch. */
  readonly at: readonly { readonly program: number; readonly op: number }[]
}

/** Switches that no code asks where the machine has not the feature: leaving them out is the same lab again. */
const NEEDS: Partial<Record<SwitchId, (features: Features) => boolean>> = {
  pteClearIsExchange: features => features.accessed,
  forkCopiesPinned: features => features.pins,
  writeProtectSeq: features => features.forkRegions > 0,
}

/** Everything that can be left out of the lab, in program order, then by switches. */
export function knockOutsOf({ programs, setup }: Lab): readonly KnockOut[] {
  const ops = omissionPoints(programs).map(
    ({ id, path, file, phase, what, at }): KnockOut => ({ what, path, file, phase, how: { kind: 'op', id }, at }),
  )
  const switches = SWITCHES.flatMap(({ id, label, group, without }): KnockOut[] => {
    if (without === undefined || setup.policy[id] === without.value) return []
    if (!setup.bound && group !== 'kernel') return []
    if (id === 'emptyTableNesting' && setup.policy.driver !== 'empty-table') return []
    if (NEEDS[id]?.(setup.shape.sizes.features) === false) return []
    const { value, what } = without
    return [{ what, path: [label], file: '', phase: null, how: { kind: 'switch', id, value }, at: [] }]
  })
  return [...ops, ...switches]
}

/** The lab of a subject without these things. */
export function labWithout({ scenario, policy }: Subject, out: readonly KnockOut[]): Lab {
  const ids = out.flatMap(({ how }) => (how.kind === 'op' ? [how.id] : []))
  return buildLab(scenario, flipped(policy, out), undefined, ids)
}

function flipped(policy: Policy, out: readonly KnockOut[]): Policy {
  return applySwitches(
    policy,
    Object.fromEntries(out.flatMap(({ how }) => (how.kind === 'switch' ? [[how.id, how.value]] : []))),
  )
}
