import { accessedColumns } from './accessed.ts'
import { atsColumns } from './ats.ts'
import type { LayoutBuilder } from './cells.ts'
import { cleanPageColumns } from './clean-pages.ts'
import { contentColumns } from './contents.ts'
import { copyingColumns } from './copying.ts'
import { folioColumns } from './folios.ts'
import { forkColumns } from './forks.ts'
import { furtherDamageColumns } from './further-damage.ts'
import { gpuColumns } from './gpu.ts'
import { gupColumns } from './gup-fast.ts'
import { hugeColumns } from './huge-page.ts'
import { interruptColumns } from './interrupts.ts'
import { kvmColumns } from './kvm.ts'
import { loadedColumns } from './loaded-mm.ts'
import { mirrorColumns } from './mirror.ts'
import { movedTableColumns } from './moved-table.ts'
import { observationColumns } from './observations.ts'
import { pageRequestColumns } from './page-requests.ts'
import { pasidColumns } from './pasids.ts'
import { pinColumns } from './pins.ts'
import { promiseColumns } from './promises.ts'
import { protectionColumns } from './protection.ts'
import { refusalColumns } from './refusals.ts'
import { retractedColumns } from './retracted.ts'
import { reverseMapColumns } from './reverse-map.ts'
import type { Sizes } from './shape.ts'
import { sharedTableColumns } from './shared-tables.ts'
import { softPteColumns } from './soft-pte.ts'
import { subscriptionColumns } from './subscriptions.ts'
import { tlbBatchColumns } from './tlb-batch.ts'
import { denialColumns } from './tlb-denials.ts'
import { tlbGenColumns } from './tlb-gens.ts'

/** What the columns of a feature can depend on. */
export interface FeatureSizes extends Sizes {
  readonly places: number
  readonly pfnBits: number
}

/** The columns that features add, in this order, after all others. A new feature is a file and a line here. */
export const featureColumns = (b: LayoutBuilder, sizes: FeatureSizes) => ({
  ...furtherDamageColumns(b, sizes),
  ...softPteColumns(b, sizes),
  ...protectionColumns(b, sizes),
  ...reverseMapColumns(b, sizes),
  ...promiseColumns(b, sizes),
  ...contentColumns(b, sizes),
  ...tlbBatchColumns(b, sizes),
  ...folioColumns(b, sizes),
  ...copyingColumns(b, sizes),
  ...forkColumns(b, sizes),
  ...observationColumns(b, sizes),
  ...cleanPageColumns(b, sizes),
  ...denialColumns(b, sizes),
  ...kvmColumns(b, sizes),
  ...mirrorColumns(b, sizes),
  ...gpuColumns(b, sizes),
  ...hugeColumns(b, sizes),
  ...gupColumns(b, sizes),
  ...interruptColumns(b, sizes),
  ...loadedColumns(b, sizes),
  ...movedTableColumns(b, sizes),
  ...retractedColumns(b, sizes),
  ...sharedTableColumns(b, sizes),
  ...atsColumns(b, sizes),
  ...pinColumns(b, sizes),
  ...refusalColumns(b, sizes),
  ...tlbGenColumns(b, sizes),
  ...pageRequestColumns(b, sizes),
  ...pasidColumns(b, sizes),
  ...subscriptionColumns(b, sizes),
  ...accessedColumns(b, sizes),
})

export type FeatureColumns = ReturnType<typeof featureColumns>
