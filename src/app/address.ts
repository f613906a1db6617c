import type { LabState, LabStore } from '../store/lab-store.ts'
import { type Place, showsRun } from '../store/view.ts'
import { bugsHash, editHash, exploreHash, labHash, patchHash, readRoute, tracesHash } from './route.ts'

/** The parts of the window that are used, so that a test can bring its own. */
export interface AddressBar {
  readonly location: { readonly hash: string }
  readonly history: Pick<History, 'pushState' | 'replaceState'>
  addEventListener(type: 'popstate' | 'hashchange', listener: () => void): void
  removeEventListener(type: 'popstate' | 'hashchange', listener: () => void): void
}

/** Browsers refuse the address bar to a page that rewrites it too often: Safari after a hundred times in half a minute. */
const QUIET_MS = 350
/** How long a place waits for the run that is to be seen in it. Nearly always it is there much sooner. */
const TOGETHER_MS = 150

export interface Address {
  /** The bar does not show the present moment yet. */
  readonly due: () => boolean
  readonly subscribe: (listener: () => void) => () => void
  readonly stop: () => void
}

/**
 * Keeps the address bar and the store together: at each settled step the bar holds a link to exactly this moment, and
 * Back, Forward or a pasted hash open what they name. Another scenario is a new page of history, another step is not.
 */
export function keepAddress(store: LabStore, bar: AddressBar): Address {
  const listeners = new Set<() => void>()
  /** What the bar shows or is about to show; set when an address was followed, so that it is not followed twice. */
  let shown = bar.location.hash
  let scenario: string | null = null
  let arriving = true
  let lastWrite = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  let stayHere: () => void = () => undefined

  const setDue = (next: ReturnType<typeof setTimeout> | undefined) => {
    clearTimeout(timer)
    timer = next
    for (const listener of listeners) listener()
  }

  function write(): void {
    const s = store.getState()
    const hash = hashOf(s)
    setDue(undefined)
    if (hash === null || hash === bar.location.hash) {
      arrive(s)
      return
    }
    const push = showsRun(s.place) && scenario !== null && scenario !== scenarioOf(s) && !arriving
    lastWrite = Date.now()
    shown = hash
    try {
      bar.history[push ? 'pushState' : 'replaceState'](null, '', hash)
    } catch {
      // Refused for being too frequent: the next settled step tries again.
    }
    arrive(s)
  }

  function arrive(s: LabState): void {
    scenario = scenarioOf(s)
    arriving = false
  }

  function onChange(s: LabState): void {
    if (s.playing || s.pending > 0) return
    const hash = hashOf(s)
    if (hash === null || (hash === bar.location.hash && timer === undefined)) return
    const wait = lastWrite + QUIET_MS - Date.now()
    if (wait <= 0) write()
    else if (timer === undefined) setDue(setTimeout(write, wait))
  }

  function follow(): void {
    if (bar.location.hash === shown) return
    shown = bar.location.hash
    setDue(undefined)
    stayHere()
    const { place, recording, bug = null, editing = null, patch, link, problems } = readRoute(shown)
    const s = store.getState()
    const here = s.snapshot?.link
    const named = place === 'lab' ? labHash : exploreHash
    const another = link !== null && (here === undefined || named(here) !== named(link))
    if (another) {
      arriving = true
      // First of all: while it is on its way nothing is written. The bar would be given the run before, and would then be left
      // alone for a while, however soon this one is there.
      void s.open(link, problems)
      s.setPlaying(false)
    }
    if (patch !== undefined) s.setPatch(patch)
    if (place === 'edit') s.edit(editing)
    else if (place !== s.place || recording !== s.recording || bug !== s.bug) {
      if (another) goWithRun(place)
      else s.go(place, recording ?? bug)
    }
    if (!showsRun(place) || link !== null) return
    if (problems.length > 0 && here) void s.open(here, problems)
    else onChange(store.getState())
  }

  /** Goes there when the run is there: drawing the run before in between takes time, and shows what nobody asked for. */
  function goWithRun(place: Place): void {
    const before = store.getState().snapshot
    const go = () => {
      stayHere()
      store.getState().go(place)
    }
    const waiting = setTimeout(go, TOGETHER_MS)
    const stopListening = store.subscribe(s => {
      if (s.snapshot !== before) go()
    })
    stayHere = () => {
      clearTimeout(waiting)
      stopListening()
    }
  }

  const unsubscribe = store.subscribe(onChange)
  bar.addEventListener('popstate', follow)
  bar.addEventListener('hashchange', follow)
  return {
    due: () => timer !== undefined,
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => {
      unsubscribe()
      stayHere()
      setDue(undefined)
      bar.removeEventListener('popstate', follow)
      bar.removeEventListener('hashchange', follow)
    },
  }
}

const scenarioOf = (s: LabState): string | null => s.snapshot?.link.scenario ?? null

function hashOf(s: LabState): string | null {
  if (s.place === 'traces') return tracesHash(s.recording)
  if (s.place === 'bugs') return bugsHash(s.bug)
  if (s.place === 'patch') return patchHash(s.patch)
  if (s.place === 'edit') return editHash(s.editing)
  if (s.snapshot === null) return null
  return s.place === 'explore' ? exploreHash(s.snapshot.link) : labHash(s.snapshot.link)
}
