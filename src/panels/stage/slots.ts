/**
 * Puts cached entries into `capacity` places so that one that goes leaves a hole instead of moving the others: each has
 * a home (as in a direct-mapped cache) and takes the next free place when that is taken.
 */
export function inSlots<T>(entries: readonly T[], capacity: number, home: (entry: T) => number): readonly (T | null)[] {
  const size = Math.max(capacity, entries.length)
  const slots: (T | null)[] = Array.from({ length: size }, () => null)
  for (const entry of entries) {
    let at = size === 0 ? 0 : home(entry) % size
    while (slots[at] !== null) at = (at + 1) % size
    slots[at] = entry
  }
  return slots
}
