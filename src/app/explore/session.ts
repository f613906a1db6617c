import { startExploreWorker } from '../../worker/explore-client.ts'
import { createExploreStore } from './explore-store.ts'
import { lanesOn, makeRoom } from './make-room.ts'
import { studies } from './studies-session.ts'

/** A browser that does not tell is taken to have two: one for the page, one for the matrix. */
const cores = navigator.hardwareConcurrency || 2

/** One for the whole visit: what was searched is still there when the reader comes back. */
export const session = createExploreStore(startExploreWorker, lanesOn(cores))
makeRoom(session, studies, document, cores)
