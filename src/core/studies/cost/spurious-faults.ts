import type { Machine } from '../../machine/cells.ts'
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
  of: (lab, { before, events }: CostStep) => {
    let faults = 0
    for (const e of events) if (e.type === 'page-requested' && isMapped(lab, before, e.vpn, e.write)) faults++
    return faults
  },
}

function isMapped({ setup }: Lab, m: Machine, vpn: Vpn, write: boolean): boolean {
  const pte = pteAt(setup.shape, m, setup.vpns.indexOf(vpn))
  return ptePresent(pte) && (!write || pteWrite(pte))
}
