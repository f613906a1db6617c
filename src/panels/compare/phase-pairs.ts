import type { PhaseView } from '../../core/view/world.ts'

/** One column of two ribbons: what stands for the same thing on both sides, or a phase that the other has not. */
export interface PhasePair {
  readonly here: { readonly phase: PhaseView; readonly index: number } | null
  readonly there: { readonly phase: PhaseView; readonly index: number } | null
  readonly same: boolean
}

/**
 * Lays two ribbons side by side. Phases have the same id in every kernel, so that a callback stands above the hole where
 * the other kernel makes none: the longest common subsequence of the ids.
 */
export function phasePairs(here: readonly PhaseView[], there: readonly PhaseView[]): PhasePair[] {
  const width = there.length + 1
  const common = new Uint16Array((here.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = here.length - 1; i >= 0; i--) {
    for (let j = there.length - 1; j >= 0; j--) {
      const equal = here[i]?.id === there[j]?.id
      common[i * width + j] = equal ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pairs: PhasePair[] = []
  let i = 0
  let j = 0
  while (i < here.length || j < there.length) {
    const left = here[i]
    const right = there[j]
    if (left !== undefined && right !== undefined && left.id === right.id) {
      const same = left.title === right.title && left.kind === right.kind
      pairs.push({ here: { phase: left, index: i++ }, there: { phase: right, index: j++ }, same })
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pairs.push({ here: { phase: left, index: i++ }, there: null, same: false })
    } else if (right !== undefined) {
      pairs.push({ here: null, there: { phase: right, index: j++ }, same: false })
    }
  }
  return pairs
}
