import { known } from '../base/assert.ts'
import { KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import type { Change } from './history/change.ts'
import { COMMAND_HISTORY } from './history/commands.ts'
import { CONSUMER_HISTORY } from './history/consumers.ts'
import { FLUSH_HISTORY } from './history/flushes.ts'
import { NOTIFIER_HISTORY } from './history/notifier.ts'
import { TABLE_HISTORY } from './history/tables.ts'
import type { Policy } from './policy.ts'

const LINES = {
  ...NOTIFIER_HISTORY,
  ...FLUSH_HISTORY,
  ...TABLE_HISTORY,
  ...CONSUMER_HISTORY,
  ...COMMAND_HISTORY,
}

/** Switches that kernels set. Those of architectures, drivers and hardware are set by presetOf(), which does not compile without them. */
export type HistoricId = keyof typeof LINES

/** What each switch of the kernel was, oldest first. To add one: its field in policy.ts, its lines in a file of history/, its card in one of cards/. */
export const HISTORY: { readonly [I in HistoricId]: readonly Change<Policy[I]>[] } = LINES

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
