import type { Simulate } from './simulated.ts'

/** The simulation of recorded operations. Not wired yet: every operation counts as not modelled. */
export const simulate: Simulate = () => []
