import * as v from 'valibot'
import { UNPACKED_LIMIT } from '../packed.ts'

/** A scenario that is being written: any text at all. */
export interface Draft {
  readonly id: string
  /** What it is called: the last title that could be read in it. */
  readonly title: string
  /** When it was changed last, in milliseconds since 1970. */
  readonly changed: number
  readonly text: string
}

/** The part of Storage that is used. A browser may refuse any of it: private mode, full, switched off. */
export interface DraftShelf {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

const PREFIX = 'mmu-notifier-lab/draft/1/'

/** Longer than any scenario may be, so that one which has grown too long can be mended. */
const LONGEST = 2 * UNPACKED_LIMIT

const draftSchema = v.object({
  title: v.pipe(v.string(), v.maxLength(1000)),
  changed: v.pipe(v.number(), v.minValue(0)),
  text: v.pipe(v.string(), v.maxLength(LONGEST)),
})

/** Every draft that is kept, changed last first; what cannot be read is left where it is. Throws nothing. */
export function keptDrafts(shelf: DraftShelf): readonly Draft[] {
  const drafts: Draft[] = []
  try {
    for (let i = 0; i < shelf.length; i++) {
      const key = shelf.key(i) ?? ''
      const draft = key.startsWith(PREFIX) ? readDraft(shelf, key.slice(PREFIX.length)) : null
      if (draft !== null) drafts.push(draft)
    }
  } catch {
    // A shelf that cannot be looked at holds nothing.
  }
  return drafts.sort((a, b) => b.changed - a.changed || (a.id < b.id ? -1 : 1))
}

/** One draft; null where there is none or it cannot be read. */
export function readDraft(shelf: DraftShelf, id: string): Draft | null {
  try {
    const read = v.safeParse(draftSchema, JSON.parse(shelf.getItem(PREFIX + id) ?? 'null'))
    return read.success ? { id, ...read.output } : null
  } catch {
    return null
  }
}

/** Keeps a draft. Answers why not, in words for the reader, or null. */
export function keepDraft(shelf: DraftShelf, { id, title, changed, text }: Draft): string | null {
  if (text.length > LONGEST) return 'it is too long'
  return tried(() => shelf.setItem(PREFIX + id, JSON.stringify({ title: title.slice(0, 1000), changed, text })))
}

/** Lets go of a draft. Answers why not, or null. */
export const dropDraft = (shelf: DraftShelf, id: string): string | null => tried(() => shelf.removeItem(PREFIX + id))

/** The draft that a storage event is about; null when it is about something else. */
export const draftOfKey = (key: string | null): string | null =>
  key?.startsWith(PREFIX) === true ? key.slice(PREFIX.length) : null

function tried(act: () => void): string | null {
  try {
    act()
    return null
  } catch (error) {
    const full = error instanceof Error && /quota/i.test(error.name)
    return full ? 'the storage of this browser is full' : 'this browser does not let the page keep anything'
  }
}

/** Stands in where reading `localStorage` alone throws. It says so whenever something is to be kept. */
export const NO_SHELF: DraftShelf = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem: () => {
    throw new Error('there is no storage')
  },
  removeItem: () => undefined,
}
