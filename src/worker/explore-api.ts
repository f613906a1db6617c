import type { Problem } from '../core/base/problem.ts'
import type { Settings } from '../core/runs/settings.ts'
import type { LabApi, RunLink } from './lab-api.ts'

/** What the page may ask of the worker that searches. One search at a time; beginning another gives up the one before. */
export interface ExploreApi {
  /** Builds what the link names (its schedule does not matter) and makes a search ready. */
  begin(link: RunLink, limits: SearchLimits): SearchBegun
  /**
   * Searches for about so many milliseconds and says how far it is. Ask again while `verdict` is null; to cancel, stop asking.
   * Once there is a verdict it is answered again and again.
   */
  advance(milliseconds: number): SearchReport
  /** The run that a link names, as text, without opening it in the lab. */
  runText(link: RunLink, format: RunFormat): string
}

export type RunFormat = Parameters<LabApi['exportRun']>[0]

export interface SearchLimits {
  readonly states: number
  readonly bytes: number
  /** Looks at no more states than it takes to know. Else at every one. */
  readonly reduced?: boolean
}

export interface SearchBegun {
  readonly scenario: { readonly id: string; readonly title: string; readonly bugs: readonly string[] }
  readonly settings: Settings
  /** Rules that the search tries to break, as sentences. */
  readonly rules: readonly { readonly id: string; readonly sentence: string }[]
  readonly coverage: Coverage
  readonly problems: readonly Problem[]
}

/** What an answer covers: the sizes of the scenario, and how states are told apart. */
export interface Coverage {
  readonly cpus: number
  readonly devices: number
  readonly pages: number
  readonly frames: number
  readonly iotlb: number
  readonly walkCache: number
  readonly stateBytes: number
  /** Whole states are compared: two different ones are never taken for the same. */
  readonly comparison: 'full'
  readonly limits: SearchLimits
}

export interface SearchReport {
  readonly states: number
  readonly transitions: number
  /** Null once the states are looked at in no order: a large search. */
  readonly depth: number | null
  readonly frontier: number
  readonly bytes: number
  /** Time spent searching, in seconds, pauses between slices not counted. */
  readonly seconds: number
  /** Depths completed since the last report, nearest first. */
  readonly levels: readonly Level[]
  /** Another search has begun since the last report, in which fewer states stand for all: levels reported before are not its. */
  readonly anew: boolean
  readonly verdict: VerdictView | null
}

/** All states at the same distance from the first. */
export interface Level {
  readonly depth: number
  /** How many there are. */
  readonly width: number
  /** States found up to here. */
  readonly states: number
}

/** The answer in one sentence, and the run that shows it, ready to open in the lab. */
export interface VerdictView {
  readonly kind: 'holds' | 'violated' | 'deadlock' | 'never-seen' | 'out-of-budget'
  readonly sentence: string
  /** Id of the rule that is broken. */
  readonly property: string | null
  readonly steps: number | null
  readonly link: RunLink | null
}
