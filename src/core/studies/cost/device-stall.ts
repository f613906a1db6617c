import { get, type Machine } from '../../machine/cells.ts'
import type { Setup } from '../../machine/setup.ts'
import { WAITING_FOR_CPU } from '../../machine/shape.ts'
import { type Measure, withoutDevices } from './measure.ts'

/** C5. Steps in which a device waits for the answer to a page request, added up over devices. Unit: device-steps. */
export const deviceStall: Measure = {
  id: 'device-stall',
  family: 'C5',
  title: 'Device stall',
  unit: 'device-steps',
  what: 'Steps in which a device waits for the answer to its page request, added up over devices.',
  absent: withoutDevices,
  by: 'state',
  total: 'sum',
  of: ({ setup }, m) => waiting(setup, m),
}

/** C5. Of these, the steps in which some start/end pair is open. Unit: device-steps. */
export const stallInPair: Measure = {
  id: 'stall-in-pair',
  family: 'C5',
  title: 'Device stall while a pair is open',
  unit: 'device-steps',
  what: 'The part of the device stall in which some start/end pair is open.',
  absent: withoutDevices,
  by: 'state',
  total: 'sum',
  of: ({ setup }, m) => (pairIsOpen(setup, m) ? waiting(setup, m) : 0),
}

function waiting({ shape }: Setup, m: Machine): number {
  let devices = 0
  for (const d of shape.devices) if (get(m, d.stage, 0) === WAITING_FOR_CPU) devices++
  return devices
}

function pairIsOpen({ shape: { openPairs } }: Setup, m: Machine): boolean {
  for (let mm = 0; mm < openPairs.length; mm++) if (get(m, openPairs, mm) > 0) return true
  return false
}
