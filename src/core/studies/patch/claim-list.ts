import { changesNoRun } from './changes-no-run.ts'
import type { Claim } from './claim.ts'
import { emptyWithoutConfig } from './empty-without-config.ts'
import { endFindsFreed } from './end-finds-freed.ts'
import { refilledBeforeEnd } from './refilled-before-end.ts'
import { startFindsAllMapped } from './start-finds-all-mapped.ts'
import { toldInTheGap } from './told-in-the-gap.ts'
import { toldOfTables } from './told-of-tables.ts'

/** What is said of the series, in the order of its argument. A new claim is a file here and a line. */
export const CLAIMS = [
  startFindsAllMapped,
  endFindsFreed,
  refilledBeforeEnd,
  toldInTheGap,
  toldOfTables,
  emptyWithoutConfig,
  changesNoRun,
] as const satisfies readonly Claim[]
