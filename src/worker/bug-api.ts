import type { Price } from '../core/bugs/price.ts'
import type { Field, Side } from '../core/bugs/settings-of.ts'
import type { Stand, Turn } from '../core/bugs/turning.ts'
import type { Settings, SwitchValue } from '../core/runs/settings.ts'
import type { StepView, WorldView } from '../core/view/world.ts'
import type { RunLink } from './lab-api.ts'

/** A bug of the shelf under some settings, with at most one field set otherwise. */
export interface BugQuestion {
  readonly bug: string
  readonly side: Side
  readonly but?: { readonly field: Field; readonly value: SwitchValue }
}

/** All that can be said of a bug without a search. */
export interface BugStory {
  readonly settings: Settings
  /** The numbered steps that could be made, and the one in which the run ends if it does. */
  readonly stages: readonly StageView[]
  /** The run could be made to its end, and does the harm. */
  readonly possible: boolean
  /** Numbered step, from 0, that cannot be made, and why. */
  readonly stuck: { readonly stage: number; readonly why: string } | null
  /** Whether the run can be made, kernel by kernel. */
  readonly stands: readonly Stand[]
  /** Which change took the run away in the kernel that is looked at. */
  readonly turn: Turn | null
}

export interface StageView {
  readonly steps: readonly StageStep[]
  /** Opens the run in the lab, before this numbered step. */
  readonly link: RunLink
  /** The machine after it, and one step earlier. */
  readonly world: WorldView
  readonly before: WorldView | null
}

export interface StageStep {
  readonly step: StepView
  /** Of another side than the one with the bug: the run with the bug has no such step. */
  readonly extra: boolean
}

export interface BugReport {
  readonly states: number
  readonly seconds: number
  /** Null until every interleaving was looked at. */
  readonly verdict: BugVerdictView | null
}

export interface BugVerdictView {
  readonly kind: 'broken' | 'holds' | 'undecided'
  readonly states: number
  readonly reduced: boolean
  /** Steps of a shortest run that breaks the rule, and the lab at its start; null unless broken. */
  readonly shortest: { readonly steps: number; readonly link: RunLink } | null
}

/** What a bug that breaks no rule costs, with it and without. */
export interface PriceReport {
  readonly present: PricedSide
  readonly fixed: PricedSide
}

export interface PricedSide {
  readonly settings: Settings
  readonly price: Price
  /** Opens, in the lab, a run that costs the most by the bug’s first measure. */
  readonly dearest: RunLink
}

/** What the page may ask of the worker that keeps the shelf. One search at a time; beginning another gives up the one before. */
export interface BugApi {
  tell(question: BugQuestion): BugStory
  begin(question: BugQuestion): void
  /** Searches for about so many milliseconds. Ask again while `verdict` is null. */
  advance(milliseconds: number): BugReport
  /** Counts what a bug costs that breaks no rule (core/bugs/cost-bugs.ts). */
  price(bug: string): PriceReport
}
