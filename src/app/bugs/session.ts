import { startBugWorker } from '../../worker/bug-client.ts'
import { createBugs } from './bug-store.ts'

/** One for the whole visit: what was searched is still there when the reader comes back. */
export const bugs = createBugs(startBugWorker)
