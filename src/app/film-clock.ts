import { type Playback, paceOf, progressOf, still } from './playback.ts'

/**
 * Where the film stands, outside the store: it changes sixty times a second while the store changes once a step, and
 * only the stage and the playhead look at it.
 */
export interface FilmClock {
  get(): Playback
  set(playback: Playback): void
  subscribe(listener: () => void): () => void
}

export function createFilmClock(): FilmClock {
  let playback: Playback = { at: 0, until: 0, stepsPerSecond: paceOf(1, false) }
  const listeners = new Set<() => void>()
  return {
    get: () => playback,
    set: next => {
      playback = next
      for (const listener of listeners) listener()
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const clockProgress = (clock: FilmClock): number => progressOf(clock.get())
export const clockStill = (clock: FilmClock): boolean => still(clock.get())
