import { atcCommands } from './atc-commands.ts'
import { cleanToFree } from './clean-to-free.ts'
import { completionWaits } from './completion-waits.ts'
import { cpuFlushes } from './cpu-flushes.ts'
import { deviceStall, stallInPair } from './device-stall.ts'
import { entriesDropped, needlessDrops } from './entries-dropped.ts'
import { exposure } from './exposure.ts'
import { exposurePastFree } from './exposure-past-free.ts'
import { flushesSaved } from './flushes-saved.ts'
import { iotlbCommands } from './iotlb-commands.ts'
import { ipis } from './ipis.ts'
import type { Measure } from './measure.ts'
import { gatheredPeak, gatheredSteps, rcuPeak, rcuSteps } from './memory-held.ts'
import { shadowRetries } from './shadow-retries.ts'
import { spuriousFaults } from './spurious-faults.ts'

/** All that is counted, in the order in which it is shown. A new measure is a file and a line here. */
export const MEASURES: readonly Measure[] = [
  cpuFlushes,
  ipis,
  iotlbCommands,
  atcCommands,
  completionWaits,
  spuriousFaults,
  flushesSaved,
  exposure,
  exposurePastFree,
  cleanToFree,
  deviceStall,
  stallInPair,
  shadowRetries,
  entriesDropped,
  needlessDrops,
  gatheredPeak,
  gatheredSteps,
  rcuPeak,
  rcuSteps,
]

/** Place of a measure in the list, by its id; -1 for none. */
export const placeOf = (id: string): number => MEASURES.findIndex(measure => measure.id === id)
