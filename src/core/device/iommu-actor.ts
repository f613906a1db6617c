import { get } from '../machine/cells.ts'
import type { Setup } from '../machine/setup.ts'
import type { Actor } from '../threads/actor.ts'
import { execute, undrained } from './invalidation-queue.ts'

/** The IOMMU takes commands from its invalidation queue, in order. Where it drains walks, it waits for those that the command concerns. */
export function iommuActor(s: Setup, id: number): Actor {
  const { queueCount } = s.shape.iommu
  return {
    id,
    name: 'IOMMU',
    kind: 'iommu',
    lane: 'IOMMU',
    finished: m => get(m, queueCount, 0) === 0,
    ready: m => (get(m, queueCount, 0) > 0 && undrained(s, m) < 0 ? 1 : 0),
    blocked: m => {
      if (get(m, queueCount, 0) === 0) return 'the invalidation queue is empty'
      return `it drains walks first, and one for ${s.devices[undrained(s, m)]?.name ?? 'a device'} is under way`
    },
    op: () => ({
      fn: 'invalidate',
      file: 'hardware',
      stack: [],
      phase: null,
      label: 'execute the invalidate at the head of the queue',
      why: 'Only now do the entries go. Until here every one of them could be used.',
    }),
    step: (m, _alternative, emit) => execute(s, m, emit),
  }
}
