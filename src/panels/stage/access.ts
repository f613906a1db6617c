import type { SimEvent } from '../../core/machine/event.ts'
import type { DeviceView } from '../../core/view/world.ts'

type Shown = Pick<DeviceView, 'script' | 'steps'>

/**
 * What the card of a device tells of its script: the access that this step has made, with how it came by the frame; in any
 * other step the access under way. Without it the one step that matters would show a script that is done.
 */
export function shownAccess(device: DeviceView, before: DeviceView | null, events: readonly SimEvent[]): Shown {
  const made = events.find(e => e.type === 'device-accessed' && e.device === device.index)
  if (made?.type !== 'device-accessed' || before === null) return device
  const [lookUp, walk, access] = before.steps
  if (lookUp === undefined || walk === undefined || access === undefined) return device
  const hit = lookUp.state === 'current'
  return {
    script: before.script,
    steps: [
      { ...lookUp, state: 'done', note: hit ? 'hit' : 'miss' },
      hit ? { ...walk, state: 'skipped', note: 'skipped' } : { ...walk, state: 'done' },
      { ...access, state: 'done', note: `pfn ${made.pfn}` },
    ],
  }
}
