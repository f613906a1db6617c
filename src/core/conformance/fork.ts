import type { SimEvent } from '../machine/event.ts'
import type { ActorEvent } from '../trace/timed.ts'
import type { Sides } from './differences.ts'

/** The simulated call under the name of the recorded one. */
export function namedAsRecorded({ recorded, simulated }: Sides): Sides {
  const call = recorded.map(r => r.event).find(e => e.type === 'syscall-entered')
  const renamed = (event: SimEvent): SimEvent =>
    call !== undefined && (event.type === 'syscall-entered' || event.type === 'syscall-returned')
      ? { ...event, name: call.name }
      : event
  return { recorded, simulated: simulated.map(s => ({ ...s, event: renamed(s.event) })) }
}

/** Of a fork: without the mappings that copy_page_range() was entered for and told no notifier of. */
export function withoutUncopied<E extends ActorEvent>(recorded: readonly E[]): E[] {
  let told = false
  const kept: E[] = []
  for (const e of recorded.toReversed()) {
    const { event } = e
    if (event.type === 'invalidate-range-started') told = true
    else if (event.type === 'cpu-flush-started' || event.type === 'syscall-returned') told = false
    if (event.type !== 'kernel-function-entered' || event.name !== 'copy_page_range') kept.push(e)
    else if (told) {
      kept.push(e)
      told = false
    }
  }
  return kept.reverse()
}
