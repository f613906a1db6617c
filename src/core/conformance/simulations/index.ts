import type { OperationName } from '../../trace/operation.ts'
import { clearRefs } from './clear-refs.ts'
import { collapse } from './collapse.ts'
import { cow } from './cow.ts'
import { exit } from './exit.ts'
import { fault } from './fault.ts'
import { fork } from './fork.ts'
import { ksm } from './ksm.ts'
import { madviseFree } from './madvise-free.ts'
import { migrate } from './migrate.ts'
import { mprotect } from './mprotect.ts'
import { mremap } from './mremap.ts'
import { reclaim } from './reclaim.ts'
import type { Simulation } from './simulation.ts'
import { thpSplit } from './thp-split.ts'
import { unmapping } from './unmapping.ts'

/** Every way in which an operation of a recording is simulated. */
const simulations: readonly Simulation[] = [
  unmapping,
  clearRefs,
  collapse,
  cow,
  exit,
  fault,
  fork,
  ksm,
  madviseFree,
  migrate,
  mprotect,
  mremap,
  reclaim,
  thpSplit,
]

/** The simulation of this kind of operation; undefined: there is none yet. */
export const simulationOf = (name: OperationName): Simulation | undefined => simulations.find(s => s.of.includes(name))
