import { countEvents, type Measure } from './measure.ts'

/** C1. Invalidates sent to the devices’ own TLBs (ATC, Dev-TLB). No device of this model has one: no event adds to it. Unit: commands. */
export const atcCommands: Measure = {
  id: 'atc-commands',
  family: 'C1',
  title: 'ATC commands',
  unit: 'commands',
  what: 'Invalidates that are sent on to the devices’ own TLBs.',
  absent: () => 'no device here has an ATC',
  by: 'step',
  of: countEvents({}),
}
