/** Stops of the slider that belong together: the patches of one release, or one kernel by itself. */
export interface Release<Stop> {
  readonly name: string
  /** Number of its first stop. */
  readonly from: number
  readonly stops: readonly Stop[]
}

/** What is written above a release, and where: in its middle, or at an end of the slider that it would reach over. */
export interface Tick {
  readonly text: string
  readonly align: 'start' | 'middle' | 'end'
}

/** `3.19-1of3` is a step towards 3.19. */
const releaseOf = (id: string): string => id.split('-')[0] ?? id

/** Neighbours that lead to the same release, together. */
export function releasesOf<Stop extends { readonly id: string }>(stops: readonly Stop[]): readonly Release<Stop>[] {
  const releases: { name: string; from: number; stops: Stop[] }[] = []
  for (const [i, stop] of stops.entries()) {
    const last = releases.at(-1)
    if (last !== undefined && last.name === releaseOf(stop.id)) last.stops.push(stop)
    else releases.push({ name: releaseOf(stop.id), from: i, stops: [stop] })
  }
  return releases
}

/** Widths in stops of 25 px, at 12 px a letter: the narrowest that the slider is drawn. */
const DIGIT = 0.31
const OTHER = 0.16
const GAP = 0.24
const PILL = 0.4

const widthOf = (text: string, isCurrent: boolean): number =>
  [...text].reduce((sum, c) => sum + (/\d/.test(c) ? DIGIT : OTHER), GAP) + (isCurrent ? PILL : 0)

/**
 * Which releases are written, so that no text reaches into another: the current one, the series, both ends, the first of each major
 * version, then what there is room for, newest first. By the number of the release; one that is not written is not there.
 */
export function ticksOf<Stop extends { readonly id: string; readonly label: string }>(
  releases: readonly Release<Stop>[],
  current: string | null,
): ReadonlyMap<number, Tick> {
  const all = releases.reduce((sum, r) => sum + r.stops.length, 0)
  const has = (r: Release<Stop>) => r.stops.some(s => s.id === current)
  const major = (r: Release<Stop> | undefined) => r?.name.split('.')[0]
  const weight = (r: Release<Stop>, i: number): number => {
    if (has(r)) return 5
    if (r.stops.length > 1) return 4
    if (i === 0 || i === releases.length - 1) return 3
    return major(r) === major(releases[i - 1]) ? 1 : 2
  }
  const order = [...releases.keys()].reverse()
  order.sort((a, b) => weightAt(b) - weightAt(a))
  function weightAt(i: number): number {
    const release = releases[i]
    return release === undefined ? 0 : weight(release, i)
  }

  const ticks = new Map<number, Tick>()
  const taken: (readonly [number, number])[] = []
  for (const i of order) {
    const release = releases[i]
    if (release === undefined) continue
    const text = release.stops.find(s => s.id === current)?.label ?? release.name
    const width = widthOf(text, has(release))
    const middle = release.from + release.stops.length / 2
    const left = Math.max(0, Math.min(all - width, middle - width / 2))
    if (taken.some(([from, to]) => left < to && from < left + width)) continue
    taken.push([left, left + width])
    ticks.set(i, { text, align: middle < width / 2 ? 'start' : middle + width / 2 > all ? 'end' : 'middle' })
  }
  return ticks
}
