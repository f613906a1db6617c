import type { StateCreator } from 'zustand'
import type { Problem } from '../core/base/problem.ts'
import type { Settings } from '../core/runs/settings.ts'
import type { Choice, StepView } from '../core/view/world.ts'
import type {
  Catalogue,
  Comparison,
  Moved,
  Opened,
  RunCost,
  RunLink,
  RunView,
  SettingsChange,
  Snapshot,
} from '../worker/lab-api.ts'
import { mergeFilm } from './film.ts'
import { createLine } from './line.ts'
import type { RemoteLab, StartLab } from './remote.ts'

export type ExportFormat = 'json' | 'markdown' | 'text'

/** What the worker last said. Nothing but a reply from the worker ever changes it. */
export interface MirrorSlice {
  readonly catalogue: Catalogue | null
  readonly run: RunView | null
  readonly snapshot: Snapshot | null
  /** Every step of the run, put together from the deltas. */
  readonly film: readonly StepView[]
  /** Why the link last opened was not followed to the letter. */
  readonly problems: readonly Problem[]
  readonly comparison: Comparison | null
  /** What a run costs, and the film of the steps it was counted for: of any other film it says nothing. */
  readonly counted: { readonly film: readonly StepView[]; readonly cost: RunCost } | null
  /** Why the worker refused the last move; cleared by the next reply. */
  readonly refusal: string | null
  /** The worker was lost and replaced: what happened, for the reader. */
  readonly notice: string | null
  /** No worker can be started any more. */
  readonly failure: string | null
  /** Requests not yet answered. */
  readonly pending: number
  /** The step the reader asked for last, ahead of the snapshot while a seek is under way. */
  readonly goal: number

  /**
   * Loads the catalogue, then opens `link`. Without one it opens what was open last, as far as that still can be, or the
   * first scenario; nobody asked for what was remembered, so nobody is told what was wrong with it.
   */
  begin(link: RunLink | null, problems: readonly Problem[], remembered?: RunLink | null): Promise<void>
  /** Opens a link; `problems` are those its parser already found. */
  open(link: RunLink, problems?: readonly Problem[]): Promise<void>
  /** The same run under other settings, followed as far as it goes. */
  change(change: SettingsChange): Promise<void>
  seek(at: number): Promise<void>
  move(choice: Choice): Promise<void>
  /** Adds steps of the fair schedule to the end of the run, and stays where it stands: they lie ahead, to be played. */
  runOn(limit: number): Promise<void>
  /** One step of the fair schedule. */
  stepOn(): Promise<void>
  compare(settings: Settings): Promise<void>
  /** Counts what the run costs, unless that is known. */
  count(): Promise<void>
  exportRun(format: ExportFormat): Promise<string | null>
  /**
   * Opens a scenario of the reader's own. When the text is none, the answer is what is wrong with it, and what was open
   * stays open.
   */
  openOwn(text: string, name: string): Promise<readonly Problem[]>
  dismissProblems(): void
  dismissNotice(): void
}

/** Long enough for the slowest answer on a slow phone, short enough to be worth waiting for. */
const PATIENCE_SECONDS = 10

export const mirror =
  (start: StartLab, seconds = PATIENCE_SECONDS): StateCreator<MirrorSlice> =>
  (set, get) => {
    const line = createLine({
      start,
      seconds,
      restore,
      onLost: why => set({ notice: `The simulation stopped: ${why}. It was started again.`, comparison: null }),
      onGivenUp: why => set({ failure: why, notice: null }),
    })

    /** Asks, counting the request as pending until it has ended. */
    async function ask<T>(
      kind: 'open' | 'seek' | 'move' | 'read',
      call: (lab: RemoteLab) => Promise<T>,
      take: (value: T) => void,
    ): Promise<void> {
      set(s => ({ pending: s.pending + 1 }))
      await line.ask(kind, call, take)
      // Only the last reply settles where the reader stands: a seek made meanwhile is still on its way.
      set(s => ({ pending: s.pending - 1, ...(s.pending === 1 ? { goal: s.snapshot?.at ?? 0 } : {}) }))
    }

    /** What the worker says, for the caller alone; null when it was lost over it. */
    async function answerOf<T>(call: (lab: RemoteLab) => Promise<T>): Promise<T | null> {
      let answer: T | null = null
      await ask('read', call, said => {
        answer = said
      })
      return answer
    }

    function showOpened(opened: Opened, problems: readonly Problem[]): void {
      set({
        run: opened.run,
        snapshot: opened.snapshot,
        film: mergeFilm([], opened.snapshot),
        problems: [...problems, ...opened.problems],
        comparison: null,
        refusal: null,
      })
    }

    function show(snapshot: Snapshot): void {
      set(s => ({ snapshot, film: mergeFilm(s.film, snapshot), refusal: null }))
    }

    function showMoved(moved: Moved): void {
      if (moved.ok) show(moved.snapshot)
      else set({ refusal: moved.reason })
    }

    /** What the reader came with: all there is to go back to before the first answer. */
    let first: { readonly link: RunLink | null; readonly problems: readonly Problem[] } = { link: null, problems: [] }

    /** The exact moment first, then its scenario from the start, then any scenario at all. */
    async function restore(lab: RemoteLab, attempt: number): Promise<() => void> {
      const catalogue = await lab.catalogue()
      const answered = get().snapshot
      const last = answered === null ? first.link : answered.link
      const link =
        attempt === 1 && last ? last : attempt <= 2 && last ? { scenario: last.scenario } : firstOf(catalogue)
      const opened = await lab.open(link)
      return () => {
        set({ catalogue })
        showOpened(opened, answered === null ? first.problems : [])
      }
    }

    return {
      catalogue: null,
      run: null,
      snapshot: null,
      film: [],
      problems: [],
      comparison: null,
      counted: null,
      refusal: null,
      notice: null,
      failure: null,
      pending: 0,
      goal: 0,

      begin: (link, problems, remembered = null) => {
        first = { link: link ?? remembered, problems }
        return ask(
          'open',
          async lab => {
            const catalogue = await lab.catalogue()
            const opened = link === null ? await openFirstThatWorks(lab, remembered, catalogue) : await lab.open(link)
            return { catalogue, opened }
          },
          ({ catalogue, opened }) => {
            set({ catalogue })
            showOpened(opened, problems)
          },
        )
      },
      open: (link, problems = []) =>
        ask(
          'open',
          lab => lab.open(link),
          opened => showOpened(opened, problems),
        ),
      change: change =>
        ask(
          'open',
          lab => lab.change(change),
          opened => showOpened(opened, []),
        ),
      seek: at => {
        const length = get().snapshot?.length ?? 0
        const goal = Math.max(0, Math.min(length, Math.trunc(at)))
        if (get().pending === 0 && goal === get().goal) return Promise.resolve()
        set({ goal })
        // A move made meanwhile may have cut the run short.
        return ask('seek', lab => lab.seek(Math.min(goal, get().snapshot?.length ?? 0)), show)
      },
      move: choice => ask('move', lab => lab.move(choice), showMoved),
      stepOn: () => ask('move', lab => lab.runOn(1), showMoved),
      runOn: limit =>
        ask(
          'move',
          async lab => {
            const { at = 0, length = 0 } = get().snapshot ?? {}
            const end = at < length ? await lab.seek(length) : null
            const moved = await lab.runOn(limit)
            const back = await lab.seek(at)
            return { end, moved, back }
          },
          ({ end, moved, back }) => {
            // Each reply may carry a part of the film; the reader sees only the last.
            const replies = [end, moved.ok ? moved.snapshot : null, back].filter(reply => reply !== null)
            set(s => ({
              snapshot: back,
              film: replies.reduce<readonly StepView[]>(mergeFilm, s.film),
              refusal: moved.ok ? null : moved.reason,
            }))
          },
        ),
      compare: settings =>
        ask(
          'read',
          lab => lab.compare(settings),
          comparison => set({ comparison }),
        ),
      count: async () => {
        const { film } = get()
        if (get().counted?.film === film) return
        await ask(
          'read',
          lab => lab.cost(),
          cost => set(s => (s.film === film ? { counted: { film, cost } } : {})),
        )
      },
      exportRun: format => answerOf(lab => lab.exportRun(format)),
      openOwn: async (text, name) => {
        const lost = { at: name, message: 'the simulation stopped while it read this', mend: 'Try once more.' }
        const problems = (await answerOf(lab => lab.checkScenario(text, name))) ?? [lost]
        if (problems.length === 0) await get().open({ scenario: 'own', custom: text })
        return problems
      },
      dismissProblems: () => set({ problems: [] }),
      dismissNotice: () => set({ notice: null, refusal: null }),
    }
  }

/** What was remembered; else its scenario and settings, without the steps; else the first scenario. */
async function openFirstThatWorks(lab: RemoteLab, remembered: RunLink | null, catalogue: Catalogue): Promise<Opened> {
  if (remembered !== null) {
    const { schedule, at, checksum, ...settings } = remembered
    for (const link of [remembered, settings]) {
      const opened = await lab.open(link)
      if (opened.problems.length === 0) return opened
    }
  }
  return lab.open(firstOf(catalogue))
}

function firstOf(catalogue: Catalogue): RunLink {
  const first = catalogue.scenarios[0]
  if (first === undefined) throw new Error('the catalogue is empty')
  return { scenario: first.id }
}
