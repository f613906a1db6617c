import { lazy, type ReactNode, Suspense, useEffect, useMemo } from 'react'
import type { LabState, LabStore } from '../store/lab-store.ts'
import type { Place } from '../store/view.ts'
import { Announcer } from './Announcer.tsx'
import type { Address } from './address.ts'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { createFilmClock } from './film-clock.ts'
import { Header } from './header/Header.tsx'
import { LabPlace } from './LabPlace.tsx'
import { LabContext, useHandles, useLab } from './lab-context.ts'
import { Notices } from './Notices.tsx'
import { KeysSheet } from './overlays/KeysSheet.tsx'
import { LeftOut } from './overlays/LeftOut.tsx'
import { Palette } from './overlays/Palette.tsx'
import { Scenarios } from './overlays/Scenarios.tsx'
import { Setup } from './overlays/Setup.tsx'
import { ShareDialog } from './overlays/ShareDialog.tsx'
import { useKeys } from './use-keys.ts'
import { useReducedMotion } from './use-media.ts'
import { usePlayback } from './use-playback.ts'
import { useSettled } from './use-settled.ts'
import './app.css'
import './overlays/overlays.css'

/** Loaded when somebody goes there: the first step of the lab does not wait for them. */
const ExplorePlace = lazy(() => import('./explore/ExplorePlace.tsx'))
const PatchPlace = lazy(() => import('./patch/PatchPlace.tsx'))
const TracesPlace = lazy(() => import('./traces/TracesPlace.tsx'))
const BugsPlace = lazy(() => import('./bugs/BugsPlace.tsx'))
const EditorPlace = lazy(() => import('./editor/EditorPlace.tsx'))
/** The places beside the lab: how they are called when they break, and what they show. */
const BESIDE: Readonly<Record<Exclude<Place, 'lab'>, { readonly what: string; readonly show: ReactNode }>> = {
  explore: { what: 'The search', show: <ExplorePlace /> },
  patch: { what: 'The patch', show: <PatchPlace /> },
  traces: { what: 'The traces', show: <TracesPlace /> },
  bugs: { what: 'The shelf', show: <BugsPlace /> },
  edit: { what: 'The editor', show: <EditorPlace /> },
}

interface Props {
  readonly store: LabStore
  readonly address: Address
}

/** The whole page. */
export function App({ store, address }: Props) {
  const handles = useMemo(() => ({ store, clock: createFilmClock() }), [store])
  usePlayback(store, handles.clock, useReducedMotion())
  useKeys(store)
  return (
    <LabContext value={handles}>
      <ErrorBoundary what="The page">
        <Page address={address} />
      </ErrorBoundary>
    </LabContext>
  )
}

function Page({ address }: { readonly address: Address }) {
  const { store } = useHandles()
  const place = useLab(s => s.place)
  const theme = useLab(s => s.theme)
  const presenting = useLab(s => s.presenting && s.place === 'lab')
  const title = useLab(titleOf)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  useEffect(() => {
    document.documentElement.toggleAttribute('data-presenting', presenting)
  }, [presenting])
  useEffect(() => {
    document.title = `${title} · MMU Notifier Lab`
  }, [title])
  return (
    <div className="shell">
      {!presenting && <Header />}
      <Main address={address}>
        <Notices />
        {place === 'lab' ? (
          <LabPlace />
        ) : (
          <ErrorBoundary key={place} what={BESIDE[place].what} onError={() => store.getState().setReading(false)}>
            <Suspense fallback={<p className="loading">One moment…</p>}>{BESIDE[place].show}</Suspense>
          </ErrorBoundary>
        )}
      </Main>
      <Announcer />
      <Scenarios />
      <Setup />
      <ShareDialog />
      <KeysSheet />
      <LeftOut />
      <Palette />
    </div>
  )
}

function titleOf({ place, run, bug }: LabState): string {
  if (place === 'traces') return 'Traces'
  if (place === 'patch') return 'The patch'
  if (place === 'bugs') return bug === null ? 'Bugs' : (bug.split('/')[0] ?? 'Bugs')
  if (place === 'edit') return 'Edit a scenario'
  const what = run?.scenario.title ?? 'Lab'
  return place === 'explore' ? `Every run of ${what}` : what
}

/** Says when the page has settled. Apart, so that saying so draws nothing again. */
function Main({ address, children }: { readonly address: Address; readonly children: ReactNode }) {
  const settled = useSettled(address)
  return (
    <main className="shell-main" data-settled={settled}>
      {children}
    </main>
  )
}
