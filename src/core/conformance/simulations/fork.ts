import type { Region } from '../../scenarios/scenario.ts'
import type { RecordedOperation } from '../../trace/operation.ts'
import { BUF, entriesOf, mappedRegions, type Simulation, whyNotAtAll } from './simulation.ts'

/** fork(2): each mapping that its notifiers are told of is copied to the same place of a child that has nothing yet. */
export const fork: Simulation = {
  of: ['fork'],
  whyNot: operation => {
    if (operation.pages.some(p => p.order === 9)) return 'it is about a huge page'
    if (operation.kernel !== null && operation.vmas.length === 0) return 'no mapping of it is copied'
    return whyNotAtAll(operation)
  },
  regions: operation => [...parents(operation), ...parents(operation).map(child)],
  entries: operation => entriesOf(operation, true),
  script: () => [{ do: 'fork' }],
}

/** Pages of files that a private mapping has not written are copied as others are: what is in them makes no difference. */
const parents = (operation: RecordedOperation): Region[] =>
  mappedRegions(operation).map(region => ({ ...region, kind: 'anon' }))

const child = ({ pinned: _, ...region }: Region): Region => ({
  ...region,
  name: region.name.replace(BUF, 'childs'),
  mm: 'child',
  sharesWith: region.name,
  present: 'none',
  unmapped: true,
})
