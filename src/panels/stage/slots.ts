/**
 * Puts cached entries into `capacity` places so that one that goes leaves a hole instead of moving the others: each has
 * a home (as in a direct-mapped cache) and takes the next free place when that is taken.
 */
export function inSlots<T>(entries: readonly T[], capacity: number, home: (entry: T) => number): readonly (T | null)[] {
  return fill(
    Array.from({ length: Math.max(capacity, entries.length) }, () => null),
    entries,
    home,
  )
}

/** The same, but what was there a step ago stays where it was. */
export function inSlotsAfter<T>(
  before: readonly (T | null)[],
  entries: readonly T[],
  home: (entry: T) => number,
  same: (a: T, b: T) => boolean,
): readonly (T | null)[] {
  const size = Math.max(before.length, entries.length)
  const kept = Array.from({ length: size }, (_, i): T | null => {
    const old = before[i] ?? null
    return old === null ? null : (entries.find(e => same(e, old)) ?? null)
  })
  return fill(
    kept,
    entries.filter(e => !kept.includes(e)),
    home,
  )
}

function fill<T>(slots: (T | null)[], entries: readonly T[], home: (entry: T) => number): readonly (T | null)[] {
  for (const entry of entries) {
    let at = home(entry) % slots.length
    while (slots[at] !== null) at = (at + 1) % slots.length
    slots[at] = entry
  }
  return slots
}
