import type { Machine } from '../machine/cells.ts'
import { hasFreeFrames } from '../machine/frames.ts'
import type { Resource } from '../machine/resources.ts'
import type { Setup } from '../machine/setup.ts'
import { later, type Need, type Part } from '../threads/footprint.ts'

/*
 * What allocating and freeing touches (threads/footprint.ts). As long as no frame is freed that a translator still names (rule
 * I4), nobody names a free frame: free frames differ in their numbers only, so the order in which they come and go does not matter
 * as long as there are enough.
 */

/** There are so many free frames; on what else the number depends. */
export const framesNeeded = (s: Setup, count: (m: Machine) => number, on: readonly Resource[] = []): Need[] => [
  {
    on: [s.resources.frames, ...on],
    holds: m => hasFreeFrames(s, m, count(m)),
    as: s.enoughFrames ? 'knows' : 'reads',
  },
]

export const takesFrames = ({ resources: r, enoughFrames }: Setup): Part =>
  enoughFrames ? { merges: [r.frames] } : { writes: [r.frames] }

/**
 * A frame is freed, and it is looked at who still names it. Nobody does (I4): whoever had let go of it may do so earlier. But a
 * translator that is about to let go of a frame must see whether somebody may free it.
 */
export const freesFrames = ({ resources: r }: Setup): Part[] => [
  { merges: [r.frames], knows: [r.held] },
  later({ reads: [r.held] }),
]
