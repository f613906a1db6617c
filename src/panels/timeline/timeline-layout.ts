import { group, type ScaleLinear, scaleBand, scaleLinear } from 'd3'
import type { PhaseView, StepView } from '../../core/view/world.ts'
import { clamp } from '../shared/clamp.ts'
import { EDGE, type Span } from './window.ts'

/** What the timeline shows just now, in pixels. */
export interface TimelineLayout {
  readonly x: ScaleLinear<number, number>
  /** Middle of each lane, top to bottom. */
  readonly lanes: readonly number[]
  readonly marks: readonly MarkBox[]
  /** Instead of marks when steps are closer than a dot is wide: one path for each tone. */
  readonly ticks: readonly Ticks[]
  readonly brackets: readonly Bracket[]
  readonly exposures: readonly Stretch[]
  readonly playhead: number
}

export interface MarkBox {
  readonly step: StepView
  readonly x: number
  readonly y: number
  /** null when there is no room for the word. */
  readonly label: string | null
  /** The word stands before the dot, because there is no room after it. */
  readonly before: boolean
}

export interface Ticks {
  readonly tone: StepView['tone']
  readonly d: string
}

export interface Stretch {
  readonly x1: number
  readonly x2: number
}

export interface Bracket extends Stretch {
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
  readonly span: Span
  readonly width: number
  /** Where the lanes begin, and how high one is. */
  readonly top: number
  readonly lane: number
  /** Size of the page's text. */
  readonly rem: number
}

/** Closer than this, dots would lie on each other. */
const CLOSEST_DOTS = 8
/** Widths of a letter, in rem. */
const LETTER = 0.37
const MONO = 0.456
const TICK = 2

/** Where everything on the timeline stands, in pixels. Only steps that can be seen are laid out. */
export function layOutTimeline(input: TimelineInput): TimelineLayout {
  const { film, phases, at, length, span, width, top, lane } = input
  const x = scaleLinear([span.first, span.last], [EDGE, Math.max(EDGE + 1, width - EDGE)])
  const band = scaleBand(input.lanes, [top, top + input.lanes.length * lane])
  const middle = (name: string): number => (band(name) ?? top) + lane / 2 + 3
  const pitch = x(1) - x(0)
  const dots = pitch >= CLOSEST_DOTS
  const shown = film.slice(Math.max(0, Math.ceil(span.first) - 1), Math.max(0, Math.floor(span.last)))
  const place = (step: StepView): Point => ({ x: x(step.number), y: middle(step.actor.lane) })
  return {
    x,
    lanes: input.lanes.map(middle),
    marks: dots ? marksOf(shown, place, at, width, input.rem * LETTER) : [],
    ticks: dots ? [] : ticksOf(shown, place),
    brackets: bracketsOf(shown, phases, x, pitch, width, input.rem * MONO),
    exposures: exposuresOf(shown, x, Math.min(span.last, length)),
    playhead: x(at),
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

/** The step nearest to `x`. */
export const stepAt = (layout: Pick<TimelineLayout, 'x'>, x: number, length: number): number =>
  clamp(Math.round(layout.x.invert(x)), 0, length)

/** Words only where there is room for them: the current step first, then damage, then from left to right. */
function marksOf(
  shown: readonly StepView[],
  place: (step: StepView) => Point,
  at: number,
  width: number,
  letter: number,
): readonly MarkBox[] {
  const rank = (s: StepView): number => (s.number === at ? 0 : s.tone === 'damage' ? 1 : 2)
  const labelled = new Map<number, boolean>()
  // A word may come close to the next dot of its lane, not lie on it.
  const taken = new Map(
    [...group(shown, step => place(step).y)].map(([y, steps]) => [
      y,
      steps.map((step): Stretch => ({ x1: place(step).x - 2, x2: place(step).x + 4 })),
    ]),
  )
  for (const step of [...shown].sort((a, b) => rank(a) - rank(b) || a.number - b.number)) {
    const { x, y } = place(step)
    const length = step.mark.length * letter + 4
    const before = x + 6 + length > width
    const x1 = before ? x - 6 - length : x + 6
    const others = taken.get(y) ?? []
    if (step.number !== at && others.some(o => o.x1 < x1 + length && o.x2 > x1)) continue
    others.push({ x1, x2: x1 + length })
    labelled.set(step.number, before)
  }
  return shown.map(step => ({
    step,
    ...place(step),
    label: labelled.has(step.number) ? step.mark : null,
    before: labelled.get(step.number) ?? false,
  }))
}

/** Many steps to a dot's width: each column of a lane shows the worst of them, and nothing is drawn twice. */
function ticksOf(shown: readonly StepView[], place: (step: StepView) => Point): readonly Ticks[] {
  const worst = new Map<string, StepView>()
  for (const step of shown) {
    const { x, y } = place(step)
    const key = `M${Math.floor(x / TICK) * TICK},${y - 5}h${TICK}v10h-${TICK}z`
    const held = worst.get(key)
    if (held === undefined || RANK[step.tone] > RANK[held.tone]) worst.set(key, step)
  }
  return [...group(worst, ([, step]) => step.tone)].map(([tone, cells]) => ({
    tone,
    d: cells.map(([d]) => d).join(''),
  }))
}

/** What must not be lost when several steps share a column. */
const RANK: Readonly<Record<StepView['tone'], number>> = {
  neutral: 0,
  mapped: 1,
  table: 2,
  invalidated: 3,
  freed: 4,
  unmapped: 5,
  damage: 6,
}

/** Steps of one phase, bracketed; steps of others in between do not break it. */
function bracketsOf(
  shown: readonly StepView[],
  phases: readonly PhaseView[],
  x: (step: number) => number,
  pitch: number,
  width: number,
  letter: number,
): readonly Bracket[] {
  const runs: { phase: number; from: number; to: number }[] = []
  for (const step of shown) {
    if (step.phase === null) continue
    const open = runs.at(-1)
    if (open?.phase === step.phase) open.to = step.number
    else runs.push({ phase: step.phase, from: step.number, to: step.number })
  }
  return runs.flatMap((run, i) => {
    const x1 = x(run.from) - 6
    const next = runs[i + 1]
    const end = next === undefined ? width : x(next.from)
    // Zoomed far out: a bracket narrower than its own hooks says nothing.
    if (end - x1 < 10) return []
    // A single step is as wide as the free space after it, so that its name has room.
    const x2 = Math.max(x(run.to) + 6, Math.min(x(run.to) + pitch - 10, next === undefined ? Infinity : end - 10))
    const phase = phases[run.phase]
    const title = shorten(phase?.title ?? '', (next === undefined ? width : end - 8) - x1, letter)
    return [{ phase: run.phase, title, amber: phase?.amber ?? false, x1, x2 }]
  })
}

/** Steps after which a device can still reach what is unmapped. The window closes at the step that closes it. */
function exposuresOf(shown: readonly StepView[], x: (step: number) => number, end: number): readonly Stretch[] {
  const stretches: { x1: number; x2: number }[] = []
  let open = false
  for (const step of shown) {
    const here = x(step.number)
    const last = stretches.at(-1)
    if (open && last !== undefined) last.x2 = here
    if (step.exposed > 0 && !open) {
      // Zoomed far out: two windows less than a pixel apart are one to the eye.
      if (last === undefined || here - last.x2 > 1) stretches.push({ x1: here, x2: here })
      else last.x2 = here
    }
    open = step.exposed > 0
  }
  const last = stretches.at(-1)
  if (open && last !== undefined) last.x2 = Math.max(last.x2, x(end) + 10)
  return stretches
}

/** As much of a name as fits, or nothing when that would be no name. */
function shorten(title: string, room: number, letter: number): string {
  const letters = Math.floor(room / letter)
  if (title.length <= letters) return title
  return letters < 8 ? '' : `${title.slice(0, letters - 1)}…`
}
