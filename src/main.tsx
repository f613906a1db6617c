import './app/fonts.css'
import './app/theme.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { keepAddress } from './app/address.ts'
import { browserShelves, keepRemembering, recall } from './app/remember.ts'
import { readRoute } from './app/route.ts'
import { createLabStore } from './store/lab-store.ts'
import { startLabWorker } from './worker/client.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

// worker → store → app. A link says what to open; without one it is what was open last.
const shelves = browserShelves()
const remembered = recall(shelves)
const store = createLabStore(startLabWorker, { preferences: remembered.preferences })
const route = readRoute(location.hash)
if (route.place === 'edit') store.getState().edit(route.editing ?? null)
else store.getState().go(route.place, route.recording ?? route.bug)
if (route.patch !== undefined) store.getState().setPatch(route.patch)
const address = keepAddress(store, window)
keepRemembering(store, shelves)
void store.getState().begin(route.link, route.problems, remembered.link)

createRoot(root).render(
  <StrictMode>
    <App store={store} address={address} />
  </StrictMode>,
)

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Offline use is an extra: a browser that refuses the worker still has the page.
  navigator.serviceWorker.register('./sw.js').catch(() => undefined)
}
