import { startStudyWorker } from '../../worker/study-client.ts'
import { createPatchStore } from './patch-store.ts'

/** One for the whole visit: what was answered is still there when the reader comes back. */
export const patchAnswers = createPatchStore(startStudyWorker)
