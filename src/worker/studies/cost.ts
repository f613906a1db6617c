import { KERNELS } from '../../core/policy/catalogue.ts'
import { usualDriver } from '../../core/policy/presets.ts'
import { DRIVER_KINDS, type DriverKind, type KernelId } from '../../core/runs/settings.ts'
import type { Scenario } from '../../core/scenarios/scenario.ts'
import { type Candidate, costAcross } from '../../core/studies/cost/across-kernels.ts'
import type { LabCost } from '../../core/studies/cost/cost-of.ts'
import { FAMILIES } from '../../core/studies/cost/measure.ts'
import type { Study, StudyLimits } from '../../core/studies/study.ts'
import { linkTo } from '../explore-lab.ts'
import type { MeasureCard, RunLink } from '../lab-api.ts'
import { type Resolved, settle } from '../resolve.ts'
import { MEASURE_CARDS } from '../run-cost.ts'

/** A kernel with a driver, and what all runs cost there. */
export interface CostColumn extends LabCost {
  readonly kernel: string
  readonly driver: DriverKind
  /** The reader’s own settings. */
  readonly current: boolean
  /** The lab before its first step: with a schedule it opens a run. */
  readonly link: RunLink
}

/** One scenario’s costs across kernels. */
export interface CostAcross {
  /** Of the scenario. */
  readonly title: string
  readonly families: readonly { readonly id: string; readonly title: string }[]
  readonly measures: readonly MeasureCard[]
  /** Kernels in the order of the slider, each with the drivers that have something to do there. */
  readonly columns: readonly CostColumn[]
}

/** Everything that is counted, in every kernel: on the reader’s architecture, with the switches that the reader flipped. */
export function* costAcrossKernels(asked: Resolved, limits: StudyLimits): Study<CostAcross> {
  const places = placesFor(asked)
  const candidates = places.map(
    ({ label, driver, there }): Candidate => ({ name: `${label}, ${driver}`, policy: there.policy }),
  )
  const costs = yield* costAcross(asked.scenario, candidates, limits)
  return {
    title: asked.scenario.title,
    families: FAMILIES,
    measures: MEASURE_CARDS,
    columns: costs.flatMap((cost, i) => {
      const place = places[i]
      if (place === undefined) return []
      const { label, driver, current, there } = place
      return [{ ...cost, kernel: label, driver, current, link: linkTo(there, '') }]
    }),
  }
}

function placesFor(asked: Resolved) {
  const { scenario, settings } = asked
  return KERNELS.flatMap(({ id, label }) =>
    DRIVER_KINDS.filter(
      driver => fits(scenario, id, driver) || (id === settings.kernel && driver === settings.driver),
    ).map(driver => ({
      label,
      driver,
      current: id === settings.kernel && driver === settings.driver,
      there: { ...asked, without: [], ...settle(scenario, id, driver, settings.arch, settings.switches) },
    })),
  )
}

/** Before invalidate_range a driver has start and end only; afterwards it has no reason to act there. Without devices none acts. */
const fits = ({ devices }: Scenario, kernel: KernelId, driver: DriverKind): boolean =>
  devices.length === 0 || usualDriver(kernel) === 'notifier' ? driver === usualDriver(kernel) : driver !== 'notifier'
