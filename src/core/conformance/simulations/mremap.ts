import type { Region } from '../../scenarios/scenario.ts'
import { hexAddr } from '../../units.ts'
import { BUF, mappedRegions, neighbours, type Simulation, tablesNotMade, whyNotAtAll } from './simulation.ts'

const TARGET = 'target'

/** mremap that moves: what is mapped in the old range goes to where the call returned. */
export const mremap: Simulation = {
  of: ['mremap'],
  whyNot: operation => {
    const { range, argument, vmas } = operation
    if (argument?.type !== 'target')
      return 'where the pages went is told only by what the call returned, and that is missing'
    const { start, end } = argument.range
    if (start < range.end && end > range.start) return 'it moves nothing: the mapping grows or shrinks where it is'
    if (vmas.length > 1) return `it is told of as ${vmas.length} ranges, and one is simulated`
    return whyNotAtAll(operation)
  },
  regions: operation => [...mappedRegions(operation), ...target(operation), ...neighbours(operation)],
  tables: operation =>
    operation.argument?.type === 'target' ? tablesNotMade(operation, operation.argument.range) : [],
  script: () => [{ do: 'mremap', region: `${BUF}0`, to: TARGET }],
}

function target({ argument }: Parameters<Simulation['regions']>[0]): Region[] {
  if (argument?.type !== 'target') return []
  const { start, end } = argument.range
  return [
    {
      name: TARGET,
      at: hexAddr(start),
      pages: end - start,
      kind: 'anon',
      protection: 'rw',
      present: 'none',
      unmapped: true,
    },
  ]
}
