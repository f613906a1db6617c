import type { Move } from '../explorer/system.ts'
import type { RuleVerdict } from './rule-search.ts'
import type { Study } from './study.ts'

/** Things that break a rule when all of them are left out, and a shortest run that shows it. */
export interface CutSet {
  readonly out: readonly number[]
  readonly run: readonly Move[]
}

export interface CutSets {
  readonly cuts: readonly CutSet[]
  /** A search ran out of states: there may be more, and those found may not be smallest. */
  readonly undecided: boolean
}

/**
 * Groups of things of which any one is enough: left out alone none of `candidates` breaks the rule. All are left out, then put
 * back one by one, the last first, as long as the rule stays broken; what cannot be put back is a group. What is left is tried
 * again without it, so groups share nothing.
 */
export function* cutSetsOf(
  candidates: readonly number[],
  judge: (out: readonly number[]) => Study<RuleVerdict>,
): Study<CutSets> {
  const cuts: CutSet[] = []
  let undecided = false
  for (let left = candidates; left.length > 1; ) {
    const all = yield* judge(left)
    undecided ||= all.kind === 'undecided'
    if (all.kind !== 'broken') break
    let cut: CutSet = { out: left, run: all.run }
    // Leaving out more need not break more, so the last round has tried every one against the group as it is at the end.
    for (let before = 0; before !== cut.out.length; ) {
      before = cut.out.length
      for (const back of cut.out.toReversed()) {
        const fewer = cut.out.filter(k => k !== back)
        const verdict = yield* judge(fewer)
        undecided ||= verdict.kind === 'undecided'
        if (verdict.kind === 'broken') cut = { out: fewer, run: verdict.run }
      }
    }
    cuts.push(cut)
    const { out } = cut
    left = left.filter(k => !out.includes(k))
  }
  return { cuts, undecided }
}
