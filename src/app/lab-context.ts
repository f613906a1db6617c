import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { LabState, LabStore } from '../store/lab-store.ts'
import type { FilmClock } from './film-clock.ts'

/** What every part of the shell may reach: the store, and the clock that the film runs by. */
export interface LabHandles {
  readonly store: LabStore
  readonly clock: FilmClock
}

export const LabContext = createContext<LabHandles | null>(null)

/** The handles themselves, for those who act rather than show. */
export function useHandles(): LabHandles {
  const handles = useContext(LabContext)
  if (handles === null) throw new Error('a part of the shell was drawn outside the lab')
  return handles
}

/** One answer of the store, kept up to date. */
export function useLab<T>(selector: (state: LabState) => T): T {
  return useStore(useHandles().store, selector)
}
