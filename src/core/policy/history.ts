import { known } from '../base/assert.ts'
import { KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import type { Change, Changes } from './history/change.ts'
import { COMMAND_HISTORY } from './history/commands.ts'
import { CONSUMER_HISTORY } from './history/consumers.ts'
import { FLUSH_HISTORY } from './history/flushes.ts'
import { NOTIFIER_HISTORY } from './history/notifier.ts'
import { TABLE_HISTORY } from './history/tables.ts'
import type { Policy, SwitchId } from './policy.ts'

/** Switches of architectures, drivers and hardware: presetOf() sets them, no kernel version does. */
type TimelessId =
  | 'cachesPermissionMiss'
  | 'mergeVmas'
  | 'emptyTableNesting'
  | 'drainsWalks'
  | 'invalidateOrder'
  | 'invalidateKind'
  | 'readRetry'
  | 'commands'
  | 'waitBetween'
  | 'queueOrder'
export type HistoricId = Exclude<SwitchId, TimelessId>

/**
 * What each kernel-side switch was, oldest first. To add a switch: its lines in a file of history/, its field in policy.ts, its card in a
 * file of cards/.
 */
export const HISTORY: Changes<HistoricId> = {
  ...NOTIFIER_HISTORY,
  ...FLUSH_HISTORY,
  ...TABLE_HISTORY,
  ...CONSUMER_HISTORY,
  ...COMMAND_HISTORY,
}

const HISTORIC_IDS = Object.keys(HISTORY) as readonly HistoricId[]

/** The line that holds in a kernel: the last one that began with it or before. */
export function changeAt<Id extends HistoricId>(id: Id, kernel: KernelId): Change<Policy[Id]> {
  const now = KERNEL_IDS.indexOf(kernel)
  const line = HISTORY[id].findLast(change => KERNEL_IDS.indexOf(change.since) <= now)
  return known(line, `${id} in ${kernel}`)
}

/** All kernel-side switches of a kernel. */
export const historicValues = (kernel: KernelId): Pick<Policy, HistoricId> =>
  Object.fromEntries(HISTORIC_IDS.map(id => [id, changeAt(id, kernel).value])) as Pick<Policy, HistoricId>
