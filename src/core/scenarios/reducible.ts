import { hasFeatures } from '../machine/features.ts'
import type { Lab } from './build.ts'
import type { CpuAction } from './scenario.ts'

/**
 * Actions of which all is declared that partial order and symmetry count on: what each operation touches
 * (threads/footprint.ts), where it keeps frame numbers (frame-names.ts), how many frames it can come to need (most-frames.ts).
 */
const DECLARED: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'munmap',
  'brk',
  'madvise-dontneed',
  'mmap',
  'read',
  'write',
  'allocate',
  'exit',
])

/** Whether partial order and symmetry may leave states out. Of the features only ATS is declared. */
export const isReducible = ({ scenario, setup }: Lab): boolean =>
  !hasFeatures({ ...setup.shape.sizes.features, ats: false }) &&
  // Commands of a driver reach further than what they are sent for, and out of order it is not the head that goes next.
  setup.policy.commands === 'plain' &&
  setup.policy.queueOrder === 'in-order' &&
  setup.mms.length === 1 &&
  setup.regions.every(region => region.kind !== 'kernel') &&
  scenario.tableBatch === undefined &&
  scenario.cpus.every(cpu => cpu.task !== 'kernel' && cpu.script.every(action => DECLARED.has(action.do)))
