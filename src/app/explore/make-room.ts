import type { StoreApi } from 'zustand/vanilla'
import type { ExploreStore } from './explore-store.ts'
import type { StudiesState } from './study-store.ts'

/** The largest cell is about a quarter of all the work, so a fifth lane would end little sooner, and every lane takes memory. */
const MOST_LANES = 4

/** How many cells of the matrix are searched side by side. One core is left to the page and to its simulation. */
export const lanesOn = (cores: number): number => Math.min(MOST_LANES, Math.max(1, cores - 1))

/**
 * How many of them may work while the reader waits for so many searches and studies. Each of these gets a core, and so does the
 * page; the matrix has the rest. With two cores none is left, and the matrix stands still: nobody waits for it, and what is
 * waited for must not share its core. A page that nobody sees does nothing in the background at all.
 */
export function lanesLeft(cores: number, waitedFor: number, hidden: boolean): number {
  if (hidden) return 0
  return waitedFor === 0 ? lanesOn(cores) : Math.min(MOST_LANES, Math.max(0, cores - 1 - waitedFor))
}

/** The part of the document that is used, so that a test can bring its own. */
export interface Sight {
  readonly visibilityState: string
  addEventListener(type: 'visibilitychange', listener: () => void): void
}

/** Keeps the matrix behind whatever the reader waits for, and still while the page is hidden. */
export function makeRoom(session: ExploreStore, studies: StoreApi<StudiesState>, sight: Sight, cores: number): void {
  let before = lanesOn(cores)
  const look = () => {
    const hunting = session.getState().hunt?.phase === 'searching' ? 1 : 0
    const studying = Object.values(studies.getState().studies).some(s => s.phase === 'working') ? 1 : 0
    const lanes = lanesLeft(cores, hunting + studying, sight.visibilityState === 'hidden')
    if (lanes === before) return
    before = lanes
    session.getState().allow(lanes)
  }
  session.subscribe(look)
  studies.subscribe(look)
  sight.addEventListener('visibilitychange', look)
  look()
}
