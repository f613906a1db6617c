import { get, type Machine } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import { pteAt, ptePresent, pteWrite } from '../../machine/page-table.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Vpn } from '../../units.ts'
import { type CostStep, type Measure, withoutDevices } from './measure.ts'

/**
 * C2. Page requests of devices for a page that the process’s own page table maps at that moment, and for a write maps writable: the
 * device faults on an address whose mapping nobody has taken away. Unit: faults.
 */
export const spuriousFaults: Measure = {
  id: 'spurious-faults',
  family: 'C2',
  title: 'Spurious device faults',
  unit: 'faults',
  what: 'Page requests for a page that the process’s page table maps at that very moment, so that a CPU would not have faulted.',
  absent: withoutDevices,
  by: 'step',
  of: (lab, { before, events, after }: CostStep) => {
    let faults = 0
    for (const e of events) if (isFault(lab, e, after) && isMapped(lab, before, e.vpn, e.write)) faults++
    return faults
  },
}

type Request = Extract<SimEvent, { readonly type: 'page-requested' | 'page-request-queued' | 'page-request-lost' }>

/** The request that a fault makes. Further pages of its group are only asked for besides. */
function isFault({ setup }: Lab, e: SimEvent, after: Machine): e is Request {
  if (e.type === 'page-requested') return true
  if (e.type !== 'page-request-queued' && e.type !== 'page-request-lost') return false
  const walk = setup.shape.devices[e.device]
  return walk !== undefined && setup.vpns[get(after, walk.page, 0) - 1] === e.vpn
}

function isMapped({ setup }: Lab, m: Machine, vpn: Vpn, write: boolean): boolean {
  const pte = pteAt(setup.shape, m, setup.vpns.indexOf(vpn))
  return ptePresent(pte) && (!write || pteWrite(pte))
}
