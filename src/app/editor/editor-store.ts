import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Checked, Materials, Preview } from '../../worker/edit-api.ts'
import { arrival } from './arrival.ts'
import type { Checker } from './checker.ts'
import { type Draft, type DraftShelf, dropDraft, keepDraft, keptDrafts, readDraft } from './drafts.ts'
import { changedTo, type History, historyOf, redo, undo } from './history.ts'
import { type Reading, readText, titleIn } from './reading.ts'

/** What is open in the editor. */
interface OpenDraft {
  readonly id: string
  readonly title: string
  /** It is in the browser's storage. What nobody has changed yet is not. */
  readonly stored: boolean
  /** Where it came from, as the query of a hash, and the text that leads there. */
  readonly origin: { readonly query: string; readonly text: string } | null
}

export interface EditorState {
  readonly materials: Materials | null
  /** Why there is no form and no check: the worker is gone. */
  readonly failure: string | null
  readonly draft: OpenDraft | null
  readonly history: History
  readonly reading: Reading
  /** What the worker said of `checkedText`. */
  readonly checked: Checked | null
  readonly checkedText: string | null
  /** The last machine that could be built, and of which text. */
  readonly preview: Preview | null
  readonly previewText: string | null
  readonly drafts: readonly Draft[]
  /** Why the last change is not kept, or null. */
  readonly unkept: string | null
  /** Deleted last: it can be brought back. */
  readonly deleted: Draft | null
  /** What became of something the reader asked for. */
  readonly notice: string | null

  /** Gets the form and the shipped scenarios, then opens what `query` names. */
  begin(query: string | null, kernel: string): Promise<void>
  /** Opens what the query of a hash names: a saved scenario, a shipped one, one that comes whole; null: the last one. */
  arrive(query: string | null): void
  /** Another kernel to show the machine under. */
  under(kernel: string): void
  /** The text is changed by something: keystrokes of one field are one step back. */
  write(text: string, by: string): void
  undo(): void
  redo(): void
  openDraft(id: string): void
  /** A text to go on with, as a scenario of its own that is kept at once: a file, a copy. */
  take(text: string, title: string): void
  remove(id: string): void
  bringBack(): void
  dismiss(): void
  say(notice: string): void
  /** Another window has changed what is kept. */
  lookAgain(id: string | null): void
}

export interface EditorOptions {
  readonly shelf: DraftShelf
  readonly checker: Checker
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Some letters nobody has used yet. */
  readonly newId: () => string
  /** The text of an empty scenario. */
  readonly emptyText: (materials: Materials) => string
}

const NOTHING: Reading = readText('', undefined)

/** The editor's own state. Text is the truth: the form is drawn from it and changes it, the worker judges it. */
export const createEditorStore = ({ shelf, checker, now, newId, emptyText }: EditorOptions): StoreApi<EditorState> =>
  createStore<EditorState>()((set, get) => {
    let kernel: string | null = null
    let checking = false

    /** Has the newest text checked; texts that were typed meanwhile are skipped. */
    async function check(): Promise<void> {
      if (checking || kernel === null || get().materials === null) return
      checking = true
      for (;;) {
        const asked: { readonly text: string; readonly kernel: string } = { text: get().history.text, kernel }
        const answer = await checker.check(asked.text, asked.kernel)
        const checked = answer.ok ? answer.value : null
        set({
          checked,
          checkedText: asked.text,
          failure: answer.ok ? null : answer.why,
          ...(checked?.preview ? { preview: checked.preview, previewText: asked.text } : {}),
        })
        if (get().history.text === asked.text && kernel === asked.kernel) break
      }
      checking = false
    }

    function show(history: History, draft: OpenDraft): void {
      const reading = readText(history.text, get().reading.value)
      set({ history, reading, draft: { ...draft, title: titleIn(reading.value, draft.title) } })
      void check()
    }

    /** Puts the open draft into the storage; says so when it cannot be. */
    function keep(): void {
      const { draft, history, drafts } = get()
      if (draft === null) return
      const kept: Draft = { id: draft.id, title: draft.title, changed: now(), text: history.text }
      const unkept = keepDraft(shelf, kept)
      const others = drafts.filter(d => d.id !== draft.id)
      set({
        unkept,
        drafts: unkept === null || draft.stored ? [kept, ...others] : others,
        draft: { ...draft, stored: unkept === null || draft.stored },
      })
    }

    /** Another text, with no way back to the one before: that is another scenario. */
    function open(text: string, draft: OpenDraft): void {
      set({ reading: NOTHING, preview: null, previewText: null, checked: null, checkedText: null, unkept: null })
      show(historyOf(text), draft)
    }

    const openKept = ({ id, title, text }: Draft) => open(text, { id, title, stored: true, origin: null })

    function step(history: History): void {
      const { draft } = get()
      if (draft === null || history.text === get().history.text) return
      show(history, draft)
      keep()
    }

    return {
      materials: null,
      failure: null,
      draft: null,
      history: historyOf(''),
      reading: NOTHING,
      checked: null,
      checkedText: null,
      preview: null,
      previewText: null,
      drafts: keptDrafts(shelf),
      unkept: null,
      deleted: null,
      notice: null,

      begin: async (query, under) => {
        kernel = under
        const { materials } = get()
        if (materials === null) {
          const answer = await checker.materials()
          set(answer.ok ? { materials: answer.value, failure: null } : { failure: answer.why })
        }
        get().arrive(query)
      },

      arrive: query => {
        const { drafts, draft, materials } = get()
        if (query === null && draft !== null) return
        const found = arrival(query, drafts, materials, emptyText)
        if (found.notice !== null) set({ notice: found.notice })
        if (found.kept !== null) {
          if (found.kept.id !== draft?.id) openKept(found.kept)
        } else {
          const origin = found.query === null ? null : { query: found.query, text: found.text }
          open(found.text, { id: newId(), title: 'Untitled', stored: false, origin })
        }
      },

      under: next => {
        kernel = next
        void check()
      },

      write: (text, by) => step(changedTo(get().history, text, by, now())),
      undo: () => step(undo(get().history)),
      redo: () => step(redo(get().history)),

      openDraft: id => {
        const kept = readDraft(shelf, id) ?? get().drafts.find(d => d.id === id)
        if (kept !== undefined) openKept(kept)
      },

      take: (text, title) => {
        open(text, { id: newId(), title, stored: false, origin: null })
        keep()
      },

      remove: id => {
        const gone = get().drafts.find(d => d.id === id)
        if (gone === undefined) return
        const refused = dropDraft(shelf, id)
        if (refused !== null) {
          set({ notice: `“${gone.title}” could not be deleted: ${refused}.` })
          return
        }
        const drafts = get().drafts.filter(d => d.id !== id)
        set({ drafts, deleted: gone, notice: null })
        if (get().draft?.id !== id) return
        set({ draft: null })
        get().arrive(null)
      },

      bringBack: () => {
        const { deleted, drafts } = get()
        if (deleted === null) return
        const unkept = keepDraft(shelf, deleted)
        openKept(deleted)
        set({ deleted: null, drafts: [deleted, ...drafts], unkept })
      },

      dismiss: () => set({ notice: null, deleted: null }),
      say: notice => set({ notice }),

      lookAgain: id => {
        set({ drafts: keptDrafts(shelf) })
        const { draft, history } = get()
        if (draft === null || (id !== null && id !== draft.id)) return
        const theirs = readDraft(shelf, draft.id)
        // Deleted there, but open here: what the reader looks at is not taken away.
        if (theirs === null || theirs.text === history.text) return
        show(changedTo(history, theirs.text, 'another window', now()), { ...draft, stored: true })
      },
    }
  })
