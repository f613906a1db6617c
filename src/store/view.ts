import type { StateCreator } from 'zustand'
import type { Settings } from '../core/runs/settings.ts'
import type { Pfn, Vpn } from '../core/units.ts'

export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const
export type Speed = (typeof SPEEDS)[number]

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const TABS = ['step', 'state', 'rules', 'cost', 'transcript'] as const
export type Tab = (typeof TABS)[number]

/** The places that exist. */
export const PLACES = ['lab', 'patch', 'explore', 'traces', 'bugs', 'edit'] as const
export type Place = (typeof PLACES)[number]
/** Whether a place is about the run that is open. The others have a subject of their own. */
export const showsRun = (place: Place): boolean => place === 'lab' || place === 'explore'

/** At most one of these lies over the page. */
export type Overlay = 'none' | 'scenarios' | 'setup' | 'share' | 'keys' | 'palette' | 'left-out'

/** What the reader points at on the stage. */
export type Selected = { readonly kind: 'frame'; readonly pfn: Pfn } | { readonly kind: 'page'; readonly vpn: Vpn }

/** What the reader chose. Never sent to the worker. */
export interface ViewSlice {
  readonly place: Place
  /** The recording that is open among the traces, or null for the list. */
  readonly recording: string | null
  /** The bug that is open, and the kernel it is looked at in: `B09`, `B09/6.1`; null for the shelf. */
  readonly bug: string | null
  /** Which of three patches are in, as the query of a hash: `on=1,2`. The place reads it, and it stays when one leaves. */
  readonly patch: string
  /** What is being edited, as the query of a hash: `d=1a2b`, `s=munmap-plain`; null for what was edited last. */
  readonly editing: string | null
  /** A recording is on its way, or a search is under way: the page has not settled. */
  readonly reading: boolean
  readonly playing: boolean
  readonly speed: Speed
  readonly selected: Selected | null
  readonly tab: Tab
  readonly theme: Theme
  readonly overlay: Overlay
  readonly presenting: boolean
  /** The kernel on the other side of the comparison, or null when none is open. */
  readonly comparing: Settings | null

  /** `what`: the recording or the bug that is to be open there. */
  go(place: Place, what?: string | null): void
  /** Goes to the editor, or says what is edited there now. */
  edit(editing: string | null): void
  setPatch(query: string): void
  setReading(reading: boolean): void
  setPlaying(playing: boolean): void
  /** The next speed up or down; stays at the ends. */
  changeSpeed(direction: 1 | -1): void
  setSpeed(speed: Speed): void
  select(what: Selected | null): void
  setTab(tab: Tab): void
  setTheme(theme: Theme): void
  show(overlay: Overlay): void
  setPresenting(presenting: boolean): void
  setComparing(settings: Settings | null): void
}

/** The choices that outlive a visit. */
export interface Preferences {
  readonly theme: Theme
  readonly speed: Speed
  readonly tab: Tab
}

export const view =
  (preferences: Preferences): StateCreator<ViewSlice> =>
  set => ({
    place: 'lab',
    recording: null,
    bug: null,
    patch: '',
    editing: null,
    reading: false,
    playing: false,
    selected: null,
    overlay: 'none',
    presenting: false,
    comparing: null,
    ...preferences,

    go: (place, what = null) =>
      set({
        place,
        recording: place === 'traces' ? what : null,
        bug: place === 'bugs' ? what : null,
        reading: place !== 'lab',
        playing: false,
        overlay: 'none',
      }),
    edit: editing =>
      set(s =>
        s.place === 'edit' ? { editing } : { place: 'edit', editing, reading: true, playing: false, overlay: 'none' },
      ),
    setPatch: patch => set({ patch }),
    setReading: reading => set({ reading }),
    setPlaying: playing => set({ playing }),
    changeSpeed: direction => set(s => ({ speed: SPEEDS[SPEEDS.indexOf(s.speed) + direction] ?? s.speed })),
    setSpeed: speed => set({ speed }),
    select: selected => set({ selected }),
    setTab: tab => set({ tab }),
    setTheme: theme => set({ theme }),
    show: overlay => set({ overlay }),
    setPresenting: presenting => set({ presenting, overlay: 'none' }),
    setComparing: comparing => set({ comparing }),
  })
