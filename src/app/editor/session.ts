import { startEditWorker } from '../../worker/edit-client.ts'
import { formatLink } from '../link.ts'
import { createChecker } from './checker.ts'
import { type DraftShelf, draftOfKey, NO_SHELF } from './drafts.ts'
import { createEditorStore, type EditorState } from './editor-store.ts'
import { emptyText } from './empty.ts'
import { idIn } from './reading.ts'

/** Reading the property alone may throw where storage is switched off. */
function browserShelf(): DraftShelf {
  try {
    return localStorage
  } catch {
    return NO_SHELF
  }
}

/** One for the whole visit: what was being written is still there when the reader comes back, with the way back to each text before. */
export const session = createEditorStore({
  shelf: browserShelf(),
  checker: createChecker(startEditWorker),
  now: () => Date.now(),
  newId: () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`,
  emptyText,
})

// Another window of this browser writes to the same shelf.
window.addEventListener('storage', event => {
  const id = draftOfKey(event.key)
  if (id !== null || event.key === null) session.getState().lookAgain(id)
})

/**
 * The query that leads to what is open: by its name in the storage when it is kept there, by where it came from while nobody
 * has changed it, else with all of it. A text that this browser refuses to keep is kept by the address.
 */
export function queryOf({ draft, history, unkept, reading }: EditorState): string | null {
  if (draft === null) return null
  if (draft.stored && unkept === null) return `d=${draft.id}`
  if (draft.origin?.text === history.text) return draft.origin.query
  return wholeQuery(history.text, reading.value)
}

/** The query that carries a text whole. */
export const wholeQuery = (text: string, value: unknown): string => formatLink({ scenario: idIn(value), custom: text })
