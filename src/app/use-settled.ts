import { useEffect, useState, useSyncExternalStore } from 'react'
import { answered } from '../store/selectors.ts'
import type { Address } from './address.ts'
import { clockStill } from './film-clock.ts'
import { useHandles, useLab } from './lab-context.ts'

/**
 * Whether anything will still change by itself. `shown`: the worker has answered, the film stands, fonts are loaded, and only
 * the address bar is behind, which browsers let nobody write at every key. `true`: it is written, too.
 */
export type Settled = 'true' | 'shown' | 'false'

export function useSettled(address: Address): Settled {
  const { clock } = useHandles()
  const quiet = useLab(s => answered(s) && !s.playing && !s.reading)
  const stands = useSyncExternalStore(clock.subscribe, () => clockStill(clock))
  const written = useSyncExternalStore(address.subscribe, () => !address.due())
  const readable = useFontsLoaded(quiet)
  if (!readable || !quiet || !stands) return 'false'
  return written ? 'true' : 'shown'
}

/** Fonts are asked for when the first text in them is drawn, so there is nothing to wait for before `drawn`. */
function useFontsLoaded(drawn: boolean): boolean {
  const [loaded, setLoaded] = useState(false)
  useEffect(() => {
    if (!drawn || loaded) return
    let listening = true
    void document.fonts.ready.then(() => {
      if (listening) setLoaded(true)
    })
    return () => {
      listening = false
    }
  }, [drawn, loaded])
  return loaded
}
