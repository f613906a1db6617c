import type { Scenario } from './scenario.ts'
import accessedBits from './shipped/accessed-bits.json' with { type: 'json' }
import atsMunmap from './shipped/ats-munmap.json' with { type: 'json' }
import collapseFile from './shipped/collapse-file.json' with { type: 'json' }
import collapseGupFast from './shipped/collapse-gup-fast.json' with { type: 'json' }
import copyOnWrite from './shipped/copy-on-write.json' with { type: 'json' }
import dontneed from './shipped/dontneed.json' with { type: 'json' }
import flushOrder from './shipped/flush-order.json' with { type: 'json' }
import forkPin from './shipped/fork-pin.json' with { type: 'json' }
import hmmMunmap from './shipped/hmm-munmap.json' with { type: 'json' }
import kvmAndSva from './shipped/kvm-and-sva.json' with { type: 'json' }
import kvmFault from './shipped/kvm-fault.json' with { type: 'json' }
import mprotect from './shipped/mprotect.json' with { type: 'json' }
import munmapForcedFlush from './shipped/munmap-forced-flush.json' with { type: 'json' }
import munmapPageTable from './shipped/munmap-page-table.json' with { type: 'json' }
import munmapPlain from './shipped/munmap-plain.json' with { type: 'json' }
import overlappingZaps from './shipped/overlapping-zaps.json' with { type: 'json' }
import pasidReuse from './shipped/pasid-reuse.json' with { type: 'json' }
import reclaim from './shipped/reclaim.json' with { type: 'json' }
import vmGivenUp from './shipped/vm-given-up.json' with { type: 'json' }

/**
 * The shipped scenarios, in the order in which they tell the story. To add one: a file in `shipped/`, its import, its line.
 * A test reads each file as strictly as a stranger's, so the type is earned.
 */
export const SCENARIOS: readonly Scenario[] = [
  munmapPlain,
  munmapForcedFlush,
  munmapPageTable,
  overlappingZaps,
  dontneed,
  flushOrder,
  mprotect,
  copyOnWrite,
  reclaim,
  accessedBits,
  collapseFile,
  collapseGupFast,
  forkPin,
  atsMunmap,
  pasidReuse,
  kvmFault,
  kvmAndSva,
  hmmMunmap,
  vmGivenUp,
] as readonly unknown[] as readonly Scenario[]

export const scenarioById = (id: string): Scenario | undefined => SCENARIOS.find(s => s.id === id)
