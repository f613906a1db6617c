import { startStudyWorker } from '../../worker/study-client.ts'
import { createStudies } from './study-store.ts'

/** One for the whole visit: what was studied is still there when the reader comes back. */
export const studies = createStudies(startStudyWorker)
