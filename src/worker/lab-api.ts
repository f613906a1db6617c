import type { Problem } from '../core/base/problem.ts'
import type { Settings } from '../core/runs/settings.ts'
import type { ActorView, Choice, MoveView, RibbonView, StepView, WorldView } from '../core/view/world.ts'

/** Everything the page may ask of the worker. Served by an ordinary object (`lab.ts`); Comlink only carries the calls. */
export interface LabApi {
  /** Scenarios, kernels, drivers and switches there are to choose from. */
  catalogue(): Catalogue
  /**
   * Starts or restores a run: builds the scenario, replays the schedule, stands at `at`. A link that does not fit is
   * answered with the nearest run that works and the problems that kept the rest from being followed.
   */
  open(link: RunLink): Opened
  /**
   * The open run under other settings. Its schedule is followed there as far as it goes, and where it stops a problem says why.
   * A run that nobody has steered yet is made anew. With another kernel comes that kernel's own driver where the old one has
   * no place.
   */
  change(change: SettingsChange): Opened
  /** Goes to step `at` of the run that is open, 0 before the first step. Exact: shows the very state of that step. */
  seek(at: number): Snapshot
  /** Lets an actor move from where the run stands. What lay ahead of it is replaced, unless it starts with this very move. */
  move(choice: Choice): Moved
  /** Lets ready actors move in a fixed, fair order until nothing can move or `limit` steps were made. */
  runOn(limit: number): Moved
  /** Follows the open run's schedule in another kernel, step by step. */
  compare(settings: Settings): Comparison
  /** What the open run costs, step by step. */
  cost(): RunCost
  /** Text of the open run in a format for people or machines. */
  exportRun(format: 'json' | 'markdown' | 'text'): string
  /** What keeps `text` from being a scenario, each with its place in the file `name`; nothing when it can be opened. */
  checkScenario(text: string, name: string): readonly Problem[]
}

/**
 * Settings to change; what is not named stays. `switches: null` puts every switch back to its preset, `without: null` everything
 * that was left out.
 */
export interface SettingsChange {
  readonly kernel?: string
  readonly driver?: string
  readonly arch?: string
  readonly switches?: Readonly<Record<string, string>> | null
  readonly without?: null
}

/** What a link holds. Texts are as they stood in the link: the worker checks them. */
export interface RunLink {
  readonly scenario: string
  readonly kernel?: string
  readonly driver?: string
  readonly arch?: string
  readonly switches?: Readonly<Record<string, string>>
  /** Points of the kernel's code that this run leaves out, by the ends of their call paths: core/threads/omission.ts. */
  readonly without?: readonly string[]
  readonly schedule?: string
  readonly at?: number
  /** Checksum of the end state, as the link's maker saw it. */
  readonly checksum?: string
  /** Semantics version of the link's maker. */
  readonly semantics?: number
  /** A scenario carried whole, as JSON text; `scenario` is then its id. */
  readonly custom?: string
}

export interface Catalogue {
  readonly scenarios: readonly ScenarioCard[]
  readonly kernels: readonly KernelCard[]
  readonly drivers: readonly { readonly id: string; readonly label: string; readonly what: string }[]
  readonly archs: readonly { readonly id: string; readonly label: string; readonly what: string }[]
  readonly switches: readonly SwitchCard[]
  /** What the model leaves out, one sentence each. */
  readonly leftOut: readonly string[]
  readonly semantics: number
}

export interface KernelCard {
  readonly id: string
  readonly label: string
  readonly what: string
  /** The oldest kernel in which every run is the same; null when nothing before it is. */
  readonly sameAs: string | null
}

export interface ScenarioCard {
  readonly id: string
  readonly title: string
  readonly purpose: string
  readonly lookFor: string
  /** Ready-made moments: a name, and a link that opens it. */
  readonly breaks: readonly { readonly what: string; readonly link: RunLink }[]
  readonly bugs: readonly string[]
}

export interface SwitchCard {
  readonly id: string
  readonly label: string
  readonly what: string
  readonly group: 'kernel' | 'driver' | 'hardware' | 'scenario'
  readonly values: readonly { readonly value: boolean | string; readonly label: string }[]
}

export interface Opened {
  readonly run: RunView
  readonly snapshot: Snapshot
  /** Empty when the link was followed to the letter. */
  readonly problems: readonly Problem[]
}

/** What stays the same while a run is open. */
export interface RunView {
  readonly scenario: ScenarioCard
  readonly settings: Settings
  /** What each switch stands at, preset or chosen. */
  readonly switches: Readonly<Record<string, boolean | string>>
  /** Switches that differ from the kernel's preset. */
  readonly changed: readonly string[]
  readonly actors: readonly ActorView[]
  readonly lanes: readonly string[]
  readonly ribbon: RibbonView
  /** What the kernel of this run leaves out: `the wait for the IOMMU`, and in which function, its callers first. */
  readonly leftOut: readonly { readonly what: string; readonly path: readonly string[] }[]
  /** Set when the scenario came with the link; the whole JSON text. */
  readonly custom: string | null
}

/** A state and what led to it travel together, so that no panel sees one without the other. */
export interface Snapshot {
  /** Steps taken to get here. */
  readonly at: number
  /** Steps in the run. */
  readonly length: number
  readonly world: WorldView
  /** The state one step earlier, for the diff; null at 0. */
  readonly before: WorldView | null
  readonly moves: readonly MoveView[]
  /** The step that led here; null at 0. */
  readonly step: StepView | null
  /** The steps of the run from `filmFrom` on; what the page holds below that is still true. */
  readonly film: readonly StepView[]
  readonly filmFrom: number
  /** Canonical link of this very moment. */
  readonly link: RunLink
  /** Phase of the ribbon that is running, or null before and after. */
  readonly phase: number | null
  /** Why the run is over, or null while someone can move. */
  readonly ending: { readonly kind: 'finished' | 'deadlock' | 'damage'; readonly sentence: string } | null
}

export type Moved = { readonly ok: true; readonly snapshot: Snapshot } | { readonly ok: false; readonly reason: string }

/** One row of a comparison: the step here, the step there, either of which may be missing. */
export interface ComparisonRow {
  readonly here: StepView | null
  readonly there: StepView | null
  /** Steps taken of the run after this row, where it took one here; null where only the other side did. */
  readonly at: number | null
  readonly same: boolean
}

export interface Comparison {
  readonly settings: Settings
  readonly ribbon: RibbonView
  readonly rows: readonly ComparisonRow[]
  /** First row that differs, or null when the runs are the same. */
  readonly divergence: number | null
  /** How it ends: followed to the end, or stopped at a row because. */
  readonly ending: { readonly kind: 'same' | 'followed' | 'stopped'; readonly sentence: string }
  /** Both worlds after each row, so that a comparison can be scrubbed. */
  readonly worlds: readonly { readonly here: WorldView; readonly there: WorldView }[]
  /** What both sides have cost after each row, by measure (core/studies/cost). */
  readonly costs: {
    readonly here: readonly LabMeasure[]
    readonly there: readonly LabMeasure[]
    readonly rows: readonly { readonly here: readonly number[]; readonly there: readonly number[] }[]
  }
  /** The link that opens the other side by itself. */
  readonly link: RunLink
}

/** A measure as the page shows it. */
export interface MeasureCard {
  readonly id: string
  /** C1 to C7. */
  readonly family: string
  readonly title: string
  readonly unit: string
  /** The exact definition. */
  readonly what: string
}

/** A measure in one lab. */
export interface LabMeasure extends MeasureCard {
  /** Why this lab cannot show it, or null when it can. */
  readonly absent: string | null
}

/** What a run costs. */
export interface RunCost {
  readonly measures: readonly LabMeasure[]
  /** By steps taken, from 0 on: by measure, what the run has cost by then. */
  readonly along: readonly (readonly number[])[]
}
