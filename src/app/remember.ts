import type { LabStore } from '../store/lab-store.ts'
import { readLastRun, readPreferences, type Shelf, writeLastRun, writePreferences } from '../store/saved.ts'
import type { Preferences } from '../store/view.ts'
import type { RunLink } from '../worker/lab-api.ts'

/** Where things are kept: this tab's own shelf, then the one all tabs share. */
export interface Shelves {
  readonly tab: Shelf
  readonly all: Shelf
}

const EMPTY: Shelf = { getItem: () => null, setItem: () => undefined }

/** The browser's shelves; reading the property alone may throw where storage is switched off. */
export function browserShelves(): Shelves {
  const shelf = (take: () => Storage): Shelf => {
    try {
      return take()
    } catch {
      return EMPTY
    }
  }
  return { tab: shelf(() => sessionStorage), all: shelf(() => localStorage) }
}

/** What this reader had open and chose, as far as it is known. */
export function recall({ tab, all }: Shelves): { readonly link: RunLink | null; readonly preferences: Preferences } {
  return { link: readLastRun(tab) ?? readLastRun(all), preferences: readPreferences(all) }
}

/** Writes down each settled moment and each choice, so that a crash or a closed tab loses nothing. */
export function keepRemembering(store: LabStore, { tab, all }: Shelves): () => void {
  return store.subscribe((s, before) => {
    if (s.theme !== before.theme || s.speed !== before.speed || s.tab !== before.tab) writePreferences(all, s)
    const link = s.snapshot?.link
    if (link === undefined || s.playing || s.pending > 0) return
    if (link === before.snapshot?.link && s.playing === before.playing && s.pending === before.pending) return
    writeLastRun(tab, link)
    writeLastRun(all, link)
  })
}
