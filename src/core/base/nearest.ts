/** The name that a slip of the fingers may have meant: at most a third of it mistyped. Undefined when none is that close. */
export function nearest<Name extends string>(typed: string, names: readonly Name[]): Name | undefined {
  // Compared without case, dashes and underscores: `invalidate_kind` is no other word than `invalidateKind`.
  const plain = (text: string): string => text.slice(0, LONGEST).toLowerCase().replaceAll(/[-_ ]/g, '')
  const wanted = plain(typed)
  let best: Name | undefined
  let least = Number.POSITIVE_INFINITY
  for (const name of names) {
    const candidate = plain(name)
    const distance = editDistance(wanted, candidate)
    if (distance < least && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = name
      least = distance
    }
  }
  return best
}

/** No name of ours is longer; what is typed may be anything. */
const LONGEST = 64

/** Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
