import { type AtsEvent, atsTellings } from './ats.ts'
import { type ConsumerEvent, consumerTellings } from './consumers.ts'
import { type HarmEvent, harmTellings } from './harm.ts'
import { type IntervalEvent, intervalTellings } from './interval.ts'
import { type MemoryEvent, memoryTellings } from './memory.ts'
import { type PageRequestEvent, pageRequestTellings } from './page-requests.ts'
import { type ReclaimEvent, reclaimTellings } from './reclaim.ts'
import type { Telling, Tellings } from './telling.ts'
import { type WalkerEvent, walkerTellings } from './walkers.ts'

/** Events of the families in this folder. A new family is a file, a name here and a line below. */
export type FurtherEvent =
  | AtsEvent
  | ConsumerEvent
  | HarmEvent
  | IntervalEvent
  | MemoryEvent
  | PageRequestEvent
  | ReclaimEvent
  | WalkerEvent

/** In order of importance: of several events of one step the first stands for it. */
const tellings: Tellings<FurtherEvent> = {
  ...harmTellings,
  ...intervalTellings,
  ...consumerTellings,
  ...memoryTellings,
  ...reclaimTellings,
  ...walkerTellings,
  ...atsTellings,
  ...pageRequestTellings,
}

/** All of them, for lists. */
export const FURTHER_TYPES = Object.keys(tellings) as readonly FurtherEvent['type'][]

/** How an event of these families is told; undefined for any other. */
export const tellingOf = (event: { readonly type: string }): Telling<FurtherEvent> | undefined =>
  (tellings as Readonly<Record<string, Telling<never> | undefined>>)[event.type] as Telling<FurtherEvent> | undefined
