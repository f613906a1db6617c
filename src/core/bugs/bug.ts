import type { SwitchId } from '../policy/policy.ts'
import type { Stage } from '../runs/interleaving.ts'
import type { Settings, SwitchValue } from '../runs/settings.ts'
import type { Scenario } from '../scenarios/scenario.ts'

/**
 * Where a fact of kernel history comes from. `id`: the commit's id and title were seen, in a push log, a backport, a Fixes line or
 * a CVE table. `source`: the file was read, at that commit or in that release. `mail`: a message on a mailing list. `not-verified`:
 * general knowledge of the code, and shown as that.
 */
export type Evidence = 'id' | 'source' | 'mail' | 'not-verified'

/** A commit that brought a bug in or took it out. */
export interface Commit {
  /** Abbreviated as the source had it; null where the id could not be verified. */
  readonly id: string | null
  /** What it did, in our own words. */
  readonly what: string
  /** The release that first had it: `4.19`. Null where that is not known. */
  readonly release: string | null
  readonly evidence: readonly Evidence[]
}

export interface Cve {
  /** `CVE-2018-18281` */
  readonly id: string
  readonly evidence: readonly Evidence[]
}

/** What a bug is made of, for those who look for one of their kind. */
export interface BugTags {
  readonly consumers: readonly ('CPU' | 'SVA' | 'KVM' | 'HMM' | 'driver')[]
  readonly hardware: readonly string[]
  readonly operations: readonly string[]
}

/** What every entry of the shelf has, whether the model can play it or not. */
export interface BugFacts {
  /** `B01`, as in docs/bugs.md. */
  readonly id: BugId
  readonly title: string
  /** What was wrong, in two to four sentences of our own. */
  readonly wrong: string
  /** Releases that had it. `from` null: as long as there was something to break. `until`: the first without it; null: none. */
  readonly affected: {
    readonly from: string | null
    readonly until: string | null
    readonly evidence: readonly Evidence[]
    /** What the two numbers cannot say: `arm64 only`. */
    readonly note?: string
  }
  readonly introducedBy: readonly Commit[]
  readonly fixedBy: readonly Commit[]
  readonly cves: readonly Cve[]
  readonly tags: BugTags
  /** Rules of docs/kernel-map.md that it breaks, `I1`, `L1`. */
  readonly invariants: readonly string[]
}

/**
 * A bug that the model has: plain data. Nothing in it is a verdict. What it claims is computed, in `npm test` for every bug and in
 * the page for the one that is open: `present` breaks `rule` and the run ends in that harm; `fixed` keeps the rule in all states
 * and the run cannot be made; and of `fixed`, `toggle` alone brings the bug back.
 *
 * How to add one: docs/bugs.md.
 */
export interface Bug extends BugFacts {
  /** The fewest who are needed, in words. */
  readonly actors: string
  /** The rule that is expected to break: `I1` and its like are those of scenarios/rules.ts, `L1` is endless.ts. */
  readonly rule: string
  /** Kernel, architecture, driver and switches with the bug, and without. They differ in one switch, or are two eras. */
  readonly present: Settings
  readonly fixed: Settings
  /** The one field that stands for the bug, and its value with the bug: set alone in `fixed`, it brings the bug back. */
  readonly toggle: Toggle
  readonly scenario: Scenario
  /** The interleaving, numbered, as it is told in commit messages; compiled by runs/interleaving.ts each time. */
  readonly run: readonly Stage[]
}

/**
 * A bug that breaks no rule and costs something: plain data too. In `npm test`, and in the page when it is open, it is computed over
 * every run that no rule of damage is broken, with the bug or without it, that each of `measures` is higher with it, and that of `fixed`,
 * `toggle` alone brings the cost back.
 */
export interface CostBug extends BugFacts {
  /** The fewest who are needed, in words. */
  readonly actors: string
  readonly present: Settings
  readonly fixed: Settings
  readonly toggle: Toggle
  readonly scenario: Scenario
  /** What it costs: ids of measures (studies/cost/measures.ts), of which there is more with the bug. */
  readonly measures: readonly string[]
}

export interface Toggle {
  readonly field: SwitchId | 'driver'
  readonly value: SwitchValue
}

export type BugId = `B${0 | 1 | 2 | 3}${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
