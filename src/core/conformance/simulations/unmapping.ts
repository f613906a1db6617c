import type { CpuAction, Region } from '../../scenarios/scenario.ts'
import type { RecordedOperation } from '../../trace/operation.ts'
import { withDelayedRmaps } from '../delayed-rmap.ts'
import { withHugePages } from '../huge-pages.ts'
import { BUF, mappedRegions, neighbours, type Simulation, whyNotAtAll } from './simulation.ts'

/** munmap, brk that shrinks the heap, madvise with MADV_DONTNEED. */
export const unmapping: Simulation = {
  of: ['munmap', 'brk', 'madvise'],
  whyNot: operation =>
    whyNotAtAll(operation) ??
    (operation.splitsHugePage
      ? 'it splits a huge page of which it covers only a part in the course of its zap, which is not simulated'
      : null),
  regions: operation => [...mappedRegions(operation), ...neighbours(operation)],
  script: (operation, regions) => [actionOf(operation, regions)],
  after: (steps, operation, policy) => {
    const huge = withHugePages(steps, operation, policy.batchFreeOrder)
    if (operation.kernel !== '6.12') return huge
    const filePages = new Set<number>(operation.pages.filter(p => p.dirtyFile).map(p => p.vpn))
    return withDelayedRmaps(huge, vpn => filePages.has(vpn))
  },
}

function actionOf(operation: RecordedOperation, regions: readonly Region[]): CpuAction {
  const own = regions.filter(r => r.name.startsWith(BUF))
  const pages = operation.name === 'madvise' && operation.vmas.length === 0 ? 0 : own.reduce((n, r) => n + r.pages, 0)
  const where = { region: `${BUF}0`, first: 0, pages }
  return { do: operation.name === 'munmap' || operation.name === 'brk' ? operation.name : 'madvise-dontneed', ...where }
}
