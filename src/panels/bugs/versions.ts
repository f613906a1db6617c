/** Releases of mainline from the first with notifiers to the last that the shelf names, oldest first. */
export const RELEASES: readonly string[] = [
  ...counted('2.6.', 27, 39),
  ...counted('3.', 0, 19),
  ...counted('4.', 0, 20),
  ...counted('5.', 0, 19),
  ...counted('6.', 0, 19),
]

function counted(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`)
}

/** Where a bar begins and ends, from 0 to 1 along all releases. `open`: nobody knows, or it goes on. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly openStart: boolean
  readonly openEnd: boolean
}

/** The place of a release, from 0 to 1. A release that is not in the list throws: a typo in a bug’s facts. */
export function placeOf(release: string): number {
  const at = RELEASES.indexOf(release)
  if (at < 0) throw new Error(`there is no release ${release}`)
  return at / RELEASES.length
}

export const spanOf = (from: string | null, until: string | null): Span => ({
  from: from === null ? 0 : placeOf(from),
  to: until === null ? 1 : placeOf(until),
  openStart: from === null,
  openEnd: until === null,
})

/** `3.19 to 6.5`: the last release that had it is the one before the first that had not. */
export function spanText(from: string | null, until: string | null): string {
  const last = until === null ? null : RELEASES[RELEASES.indexOf(until) - 1]
  if (last === null || last === undefined) return from === null ? 'no release named' : `from ${from} on`
  return from === null ? `up to ${last}` : from === last ? from : `${from} to ${last}`
}

/** A kernel of the slider is older than this release; the steps of the series of 2014 are older than 3.19. */
export const isOlder = (kernel: string, release: string): boolean => {
  const [own = kernel, step] = kernel.split('-')
  return step === undefined ? placeOf(own) < placeOf(release) : placeOf(own) <= placeOf(release)
}
