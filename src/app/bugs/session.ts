import { createStore } from 'zustand'
import { startBugWorker } from '../../worker/bug-client.ts'
import { createBugs } from './bug-store.ts'
import { ANYTHING, type Wanted } from './filter.ts'

/** One for the whole visit: what was searched is still there when the reader comes back. */
export const bugs = createBugs(startBugWorker)

/** What is looked for on the shelf: whoever comes back from a bug finds the shelf as it was. */
export const wantedOnShelf = createStore<Wanted>(() => ANYTHING)
