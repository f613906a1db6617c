/** Where the film stands. `at` is a step number; its fraction is how far that step's motions have got. */
export interface Playback {
  readonly at: number
  /** The last step that the page has been given; the film waits there for the next. */
  readonly until: number
  readonly stepsPerSecond: number
}

/** At speed 1, so that a sentence can be read while its step is shown. */
const STEPS_PER_SECOND = 0.9
/** A single step asked for by key is over sooner: the reader sets the pace. */
const SINGLE_STEPS_PER_SECOND = 2.5

export const paceOf = (speed: number, playing: boolean): number =>
  speed * (playing ? STEPS_PER_SECOND : SINGLE_STEPS_PER_SECOND)

/** A pure function of time passed, so that a test can play a minute in a microsecond. */
export const advance = (p: Playback, elapsedMs: number): Playback => ({
  ...p,
  at: Math.min(p.until, p.at + (Math.max(0, elapsedMs) / 1000) * p.stepsPerSecond),
})

/** Nothing moves: no frame need be drawn. */
export const still = (p: Playback): boolean => p.at >= p.until

/** How far the motions of the step shown have got, 0 to 1. At rest a step is complete. */
export function progressOf(p: Playback): number {
  if (still(p)) return 1
  return p.at - Math.floor(p.at)
}

/**
 * The film when the worker has answered with step `at`: one step ahead is played, anything else is a jump. Under
 * reduced motion everything is a jump.
 */
export function turnTo(p: Playback, at: number, animate: boolean): Playback {
  const oneAhead = at === p.until + 1
  return oneAhead && animate ? { ...p, at: at - 1, until: at } : { ...p, at, until: at }
}

/** A page in the background must not leap when it comes back: a frame never counts for more than this. */
export const LONGEST_FRAME_MS = 100
