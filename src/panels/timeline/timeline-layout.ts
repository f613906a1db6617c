import type { PhaseView, StepView } from '../../core/view/world.ts'

/** Height of a lane. */
export const LANE = 22

/** What the timeline shows just now, in pixels. */
export interface TimelineLayout {
  /** Step at the left edge and at the right edge. Not the whole run when the run is long. */
  readonly first: number
  readonly last: number
  readonly pitch: number
  readonly marks: readonly MarkBox[]
  readonly brackets: readonly Bracket[]
  readonly exposures: readonly Span[]
  readonly playhead: number
}

export interface MarkBox {
  readonly step: StepView
  readonly lane: number
  readonly x: number
  /** null when there is no room for the word. */
  readonly label: string | null
  /** The word stands before the dot, because there is no room after it. */
  readonly before: boolean
}

export interface Span {
  readonly x1: number
  readonly x2: number
}

export interface Bracket extends Span {
  readonly phase: number
  readonly title: string
  readonly amber: boolean
}

export interface TimelineInput {
  readonly film: readonly StepView[]
  readonly lanes: readonly string[]
  readonly phases: readonly PhaseView[]
  readonly at: number
  readonly length: number
  readonly width: number
}

/** Steps are never closer than this: a dot must stay a dot. */
const MIN_PITCH = 13
/** Short runs do not fill the width, so that the next few steps do not rescale the picture. */
const SHORTEST = 18
const LETTER = 5.9
const EDGE = 14

export function layOutTimeline(input: TimelineInput): TimelineLayout {
  const { film, lanes, phases, at, length, width } = input
  const { first, last } = windowAround(at, length, width)
  const pitch = (width - 2 * EDGE) / Math.max(1, last - first)
  const x = (step: number): number => EDGE + (step - first) * pitch
  const shown = film.slice(Math.max(0, first - 1), last)
  return {
    first,
    last,
    pitch,
    marks: marksOf(shown, lanes, x, at, width),
    brackets: bracketsOf(shown, phases, x, pitch, width),
    exposures: exposuresOf(shown, x, Math.min(last, length)),
    playhead: x(at),
  }
}

/** The step nearest to `x`. */
export function stepAt(layout: TimelineLayout, x: number, length: number): number {
  const step = Math.round((x - EDGE) / layout.pitch) + layout.first
  return Math.min(length, Math.max(0, step))
}

/** The steps to show: all of them, or a page around `at` that turns half a page at a time, so that it mostly stands still. */
export function windowAround(
  at: number,
  length: number,
  width: number,
): { readonly first: number; readonly last: number } {
  const room = Math.max(8, Math.floor((width - 2 * EDGE) / MIN_PITCH))
  if (length <= room) return { first: 0, last: Math.max(length, Math.min(SHORTEST, room)) }
  const half = Math.floor(room / 2)
  const first = Math.max(0, Math.min(length - room, Math.floor((at - Math.floor(half / 2)) / half) * half))
  return { first, last: first + room }
}

/** Words only where there is room for them: the current step first, then damage, then from left to right. */
function marksOf(
  shown: readonly StepView[],
  lanes: readonly string[],
  x: (step: number) => number,
  at: number,
  width: number,
): readonly MarkBox[] {
  const rank = (s: StepView): number => (s.number === at ? 0 : s.tone === 'damage' ? 1 : 2)
  const taken = lanes.map((): Span[] => [])
  const labelled = new Map<number, boolean>()
  // A word may come close to the next dot of its lane, not lie on it.
  for (const step of shown) taken[laneOf(step, lanes)]?.push({ x1: x(step.number) - 2, x2: x(step.number) + 4 })
  for (const step of [...shown].sort((a, b) => rank(a) - rank(b) || a.number - b.number)) {
    const length = step.mark.length * LETTER + 4
    const before = x(step.number) + 6 + length > width
    const x1 = before ? x(step.number) - 6 - length : x(step.number) + 6
    const others = taken[laneOf(step, lanes)] ?? []
    if (step.number !== at && others.some(o => o.x1 < x1 + length && o.x2 > x1)) continue
    others.push({ x1, x2: x1 + length })
    labelled.set(step.number, before)
  }
  return shown.map(step => ({
    step,
    lane: laneOf(step, lanes),
    x: x(step.number),
    label: labelled.has(step.number) ? step.mark : null,
    before: labelled.get(step.number) ?? false,
  }))
}

const laneOf = (step: StepView, lanes: readonly string[]): number => Math.max(0, lanes.indexOf(step.actor.lane))

/** Steps of one phase, bracketed; steps of others in between do not break it. */
function bracketsOf(
  shown: readonly StepView[],
  phases: readonly PhaseView[],
  x: (step: number) => number,
  pitch: number,
  width: number,
): readonly Bracket[] {
  const runs: { phase: number; from: number; to: number }[] = []
  for (const step of shown) {
    if (step.phase === null) continue
    const open = runs.at(-1)
    if (open?.phase === step.phase) open.to = step.number
    else runs.push({ phase: step.phase, from: step.number, to: step.number })
  }
  return runs.map((run, i) => {
    const x1 = x(run.from) - 6
    const next = runs[i + 1]
    // A single step is as wide as the free space after it, so that its name has room.
    const x2 = Math.max(
      x(run.to) + 6,
      Math.min(x(run.to) + pitch - 10, next === undefined ? Infinity : x(next.from) - 10),
    )
    const phase = phases[run.phase]
    const room = (next === undefined ? width : x(next.from) - 8) - x1
    return {
      phase: run.phase,
      title: shorten(phase?.title ?? '', room),
      amber: phase?.amber ?? false,
      x1,
      x2,
      width: room,
    }
  })
}

/** Steps after which a device can still reach what is unmapped. The window closes at the step that closes it. */
function exposuresOf(shown: readonly StepView[], x: (step: number) => number, end: number): readonly Span[] {
  const spans: { x1: number; x2: number }[] = []
  let open = false
  for (const step of shown) {
    const here = x(step.number)
    const last = spans.at(-1)
    if (open && last !== undefined) last.x2 = here
    if (step.exposed > 0 && !open) spans.push({ x1: here, x2: here })
    open = step.exposed > 0
  }
  const last = spans.at(-1)
  if (open && last !== undefined) last.x2 = Math.max(last.x2, x(end) + 10)
  return spans
}

/** As much of a name as fits, or nothing when that would be no name. */
function shorten(title: string, room: number): string {
  const letters = Math.floor(room / 7.3)
  if (title.length <= letters) return title
  return letters < 8 ? '' : `${title.slice(0, letters - 1)}…`
}
