/** A list with keys for React: the item's own words, counted where they repeat. Lists here are only ever read. */
export function keyed<T>(items: readonly T[], words: (item: T) => string): readonly (readonly [string, T])[] {
  const seen = new Map<string, number>()
  return items.map(item => {
    const name = words(item)
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return [times === 1 ? name : `${name} ${times}`, item]
  })
}
