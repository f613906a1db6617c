import type { KernelId } from '../../runs/settings.ts'
import type { Policy, SwitchId } from '../policy.ts'

/** From this kernel on the switch stands at `value`, until a later line of the same switch. */
export interface Change<Value> {
  /** The first kernel of KERNEL_IDS that has it. The release itself, where it lies between two of them, is in the note. */
  readonly since: KernelId
  readonly value: Value
  /** Short id and how it is known. [c]: read at that commit. [id]: id and title seen, not the code. Null: no commit, or none known. */
  readonly commit: string | null
  readonly note: string
}

/** What some switches were, oldest first. */
export type Changes = { readonly [I in SwitchId]?: readonly Change<Policy[I]>[] }

/** One line: as it was in the first kernel with notifiers. */
export const at2627 = <Value>(value: Value, note: string): Change<Value> => ({
  since: '2.6.27',
  value,
  commit: null,
  note,
})
