import type { SwitchValue } from '../../runs/settings.ts'
import type { Policy, SwitchId } from '../policy.ts'

/** What a reader sees of one switch. Bug numbers are those of docs/kernel-map.md. */
export interface Switch<Value extends SwitchValue = SwitchValue> {
  readonly id: SwitchId
  readonly label: string
  readonly what: string
  readonly group: 'kernel' | 'driver' | 'hardware' | 'scenario'
  readonly values: readonly { readonly value: Value; readonly label: string }[]
  /** The value at which it protects least, and what is left out there. Absent where no value only leaves out. */
  readonly without?: { readonly value: Value; readonly what: string }
}

/** Cards of some switches. */
export type Cards = { readonly [I in SwitchId]?: Omit<Switch<Policy[I]>, 'id'> }

export const onOff = (on: string, off: string) =>
  [
    { value: true, label: on },
    { value: false, label: off },
  ] as const
