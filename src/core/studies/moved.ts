import type { Policy, SwitchValues } from '../policy/policy.ts'
import { applySwitches } from '../policy/switches.ts'
import type { DriverKind } from '../runs/settings.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { omissionPoints } from '../threads/omission.ts'
import type { Subject } from './study.ts'

/** How to say by settings that the invalidation comes at another time. */
export interface MovedTo {
  readonly driver: DriverKind
  readonly switches: SwitchValues
  /** Points of the programs left out beside that. */
  readonly without: readonly string[]
}

interface Move {
  readonly to: 'start' | 'end'
  readonly how: MovedTo
  readonly lab: Lab
}

/** Told at end() and nowhere else: what 3.19 to 6.5 do there, and none of the calls beside the flushes. */
const END_ALONE: SwitchValues = {
  gatherFlushNotifies: false,
  tableFreeNotifies: false,
  endVmaFlushNotifies: false,
  endImpliesInvalidate: true,
}

/**
 * The secondary TLB told before the unmap (in start alone, as a driver without invalidate_range could), or at end() alone. None
 * where nobody is told between unmapping and freeing, or where nothing is unmapped inside a pair.
 */
export function movesOf({ scenario, policy }: Subject): readonly Move[] {
  if (!told(policy)) return []
  const naive: Policy = { ...policy, driver: 'naive' }
  const points = omissionPoints(buildLab(scenario, naive).programs)
  const inEnd = points.filter(p => p.path.at(-1) === '__mmu_notifier_invalidate_range_end').map(p => p.id)
  if (inEnd.length === 0) return []
  return [
    {
      to: 'start',
      how: { driver: 'naive', switches: {}, without: inEnd },
      lab: buildLab(scenario, naive, undefined, inEnd),
    },
    {
      to: 'end',
      how: { driver: 'notifier', switches: END_ALONE, without: [] },
      lab: buildLab(scenario, applySwitches(policy, END_ALONE)),
    },
  ]
}

const told = ({ configMmuNotifier, rangeCallback, driver }: Policy): boolean =>
  configMmuNotifier && rangeCallback && driver === 'notifier'
