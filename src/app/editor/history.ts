/** One change of a text: what stood at a place, and what stands there now. */
interface Change {
  readonly at: number
  readonly removed: string
  readonly inserted: string
  /** What made it: keystrokes in one field belong together. */
  readonly by: string
  /** When, in milliseconds. */
  readonly when: number
}

/** A text and the way back to each text before it. Values: a step back is another history. */
export interface History {
  readonly text: string
  readonly done: readonly Change[]
  readonly undone: readonly Change[]
}

/** Steps that can be taken back. */
const MOST_STEPS = 500
/** Characters that the way back may take. */
const MOST_KEPT = 4_000_000
/** Keystrokes further apart are taken back one by one. */
const TOGETHER_MS = 800

export const historyOf = (text: string): History => ({ text, done: [], undone: [] })

/** The text changed to `text` by `by` at the time `when`. What had been taken back is gone. */
export function changedTo(history: History, text: string, by: string, when: number): History {
  if (text === history.text) return history
  const change = { ...difference(history.text, text), by, when }
  const last = history.done.at(-1)
  const together = last !== undefined && history.undone.length === 0 && last.by === by && when - last.when < TOGETHER_MS
  if (!together) return { text, done: trimmed([...history.done, change]), undone: [] }
  const before = taken(history.text, last)
  const joined = { ...difference(before, text), by, when }
  const earlier = history.done.slice(0, -1)
  return { text, done: joined.removed === joined.inserted ? earlier : [...earlier, joined], undone: [] }
}

export function undo({ text, done, undone }: History): History {
  const last = done.at(-1)
  if (last === undefined) return { text, done, undone }
  return { text: taken(text, last), done: done.slice(0, -1), undone: [...undone, last] }
}

export function redo({ text, done, undone }: History): History {
  const next = undone.at(-1)
  if (next === undefined) return { text, done, undone }
  const again = text.slice(0, next.at) + next.inserted + text.slice(next.at + next.removed.length)
  // Typing that goes on after it is a change of its own.
  return { text: again, done: [...done, { ...next, when: Number.NEGATIVE_INFINITY }], undone: undone.slice(0, -1) }
}

const taken = (text: string, { at, removed, inserted }: Change): string =>
  text.slice(0, at) + removed + text.slice(at + inserted.length)

/** The one place in which two texts differ. */
function difference(before: string, after: string): Pick<Change, 'at' | 'removed' | 'inserted'> {
  const shorter = Math.min(before.length, after.length)
  let at = 0
  while (at < shorter && before[at] === after[at]) at++
  let same = 0
  while (same < shorter - at && before[before.length - 1 - same] === after[after.length - 1 - same]) same++
  return { at, removed: before.slice(at, before.length - same), inserted: after.slice(at, after.length - same) }
}

function trimmed(done: readonly Change[]): readonly Change[] {
  let kept = 0
  let from = done.length
  while (from > 0 && done.length - from < MOST_STEPS) {
    const change = done[from - 1]
    kept += (change?.removed.length ?? 0) + (change?.inserted.length ?? 0)
    if (kept > MOST_KEPT && from < done.length) break
    from--
  }
  return done.slice(from)
}
