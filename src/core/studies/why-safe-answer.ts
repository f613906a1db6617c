import type { KnockOut } from './knock-outs.ts'
import type { MovedTo } from './moved.ts'
import type { RuleVerdict } from './rule-search.ts'

/** A shortest run that breaks a rule. */
export interface BrokenRun {
  readonly steps: number
  readonly schedule: string
}

/** What was left out, as places in `WhySafe.knockOuts`, and a shortest run in which that breaks the rule. */
export type Cut<Run = BrokenRun> = Run & { readonly out: readonly number[] }

/** Where one rule is kept. */
export interface RuleWhy<Run = BrokenRun> {
  readonly id: string
  readonly sentence: string
  readonly verdict: RuleVerdict['kind']
  /** Of a broken rule: a shortest run that breaks it. */
  readonly run: Run | null
  /** Of a broken rule: places in `WhyAsked.others`, and how it fares there. */
  readonly others: readonly { readonly at: number; readonly verdict: RuleVerdict['kind'] }[]
  /** Left out alone, each of these breaks it. */
  readonly needed: readonly Cut<Run>[]
  /** Left out alone none of these breaks it, all of one group together do, and with any of the group put back it holds. */
  readonly together: readonly Cut<Run>[]
  /** It holds with everything left out at once: nothing that could be left out keeps it. */
  readonly unthreatened: boolean
  /** Some search that bears on it ran out of states. */
  readonly undecided: boolean
}

/** The same invalidation at another time, and how the rules that hold without that fare. */
export interface Moved<Run = BrokenRun> {
  readonly to: 'start' | 'end'
  readonly how: MovedTo
  readonly rules: readonly { readonly id: string; readonly verdict: RuleVerdict['kind']; readonly run: Run | null }[]
}

/** Where every rule is kept: found by leaving things out and looking at every interleaving again. */
export interface WhySafe<Run = BrokenRun> {
  readonly knockOuts: readonly KnockOut[]
  readonly rules: readonly RuleWhy<Run>[]
  /** Places in `knockOuts`: left out alone, these break no rule, and they belong to no group of which one is enough. */
  readonly spare: readonly number[]
  /** No run comes to these. */
  readonly unreached: readonly number[]
  /** The search without these ran out of states. */
  readonly undecided: readonly number[]
  readonly moved: readonly Moved<Run>[]
  readonly searches: number
  /** States looked at, in all searches together. */
  readonly states: number
}
