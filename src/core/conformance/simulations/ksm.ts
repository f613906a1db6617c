import { hexAddr } from '../../units.ts'
import type { SimulatedStep } from '../simulated.ts'
import { BUF, type Simulation, whyNotAtAll } from './simulation.ts'

/** Pages that the machine merges: the one that is protected only, and the one that is replaced too. */
const [KEPT, GIVEN] = [0, 1]

/**
 * ksmd write-protects a page, or write-protects one and puts another in its place. The machine merges two pages in one go, with three pairs:
 * of these the recording has the first, or the other two.
 */
export const ksm: Simulation = {
  of: ['ksm'],
  whyNot: operation => {
    const { pages, pairs } = operation
    if (pairs > 2) return `it tells its notifiers ${pairs} times, and a merge does so twice at most`
    if (pages.length !== 1) return 'start() reports no page, or several'
    return whyNotAtAll(operation)
  },
  regions: operation => [
    {
      name: `${BUF}0`,
      at: hexAddr(operation.range.start),
      pages: 2,
      kind: 'anon',
      protection: 'rw',
      present: 'all',
    },
  ],
  script: ({ pairs }) => [
    pairs === 1
      ? { do: 'ksm-merge', page: `${BUF}0[${KEPT}]`, with: `${BUF}0[${GIVEN}]` }
      : { do: 'ksm-merge', page: `${BUF}0[${GIVEN}]`, with: `${BUF}0[${KEPT}]` },
  ],
  after: (steps, { pairs }) => onlyPairs(steps, pairs === 1 ? [1] : [2, 3]),
}

/** These pairs, from 1, with what is in them. */
function onlyPairs(steps: readonly SimulatedStep[], wanted: readonly number[]): SimulatedStep[] {
  let pair = 0
  let open = false
  return steps.map(step => ({
    ...step,
    events: step.events.filter(e => {
      if (e.type === 'invalidate-range-started') {
        pair++
        open = true
      }
      const inside = open && wanted.includes(pair)
      if (e.type === 'invalidate-range-ended') open = false
      return inside
    }),
  }))
}
