import { mappedRegions, type Simulation, whyNotAtAll } from './simulation.ts'

/** The process ends: exit_mmap() of all its mappings. */
export const exit: Simulation = {
  of: ['exit'],
  whyNot: operation =>
    whyNotAtAll(operation) ??
    (operation.unrecorded.some(u => u.events.includes('rmap-removed'))
      ? 'which mapping had how many pages is told only by the probes on single pages, and those were not set'
      : null),
  regions: mappedRegions,
  script: () => [{ do: 'exit' }],
}
