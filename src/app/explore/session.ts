import { startExploreWorker } from '../../worker/explore-client.ts'
import { createExploreStore } from './explore-store.ts'

/** One for the whole visit: what was searched is still there when the reader comes back. */
export const session = createExploreStore(startExploreWorker)
