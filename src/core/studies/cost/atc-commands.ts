import { countEvents, type Measure } from './measure.ts'

/** C1. Invalidate Requests sent to the devices’ own TLBs (ATC, Dev-TLB). Unit: commands. */
export const atcCommands: Measure = {
  id: 'atc-commands',
  family: 'C1',
  title: 'ATC commands',
  unit: 'commands',
  what: 'Invalidates that are sent on to the devices’ own TLBs.',
  absent: ({ scenario }) => (scenario.devices.some(d => d.ats !== undefined) ? null : 'no device here has an ATC'),
  by: 'step',
  of: countEvents({ 'atc-invalidate-requested': e => e.count ?? 1 }),
}
