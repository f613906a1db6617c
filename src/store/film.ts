import type { StepView } from '../core/view/world.ts'

/** The part of a snapshot that says which steps are new. */
export interface FilmDelta {
  readonly film: readonly StepView[]
  readonly filmFrom: number
  readonly length: number
}

/**
 * The steps of the whole run: what the page holds below `filmFrom`, then what the worker sent. The same array comes back
 * when nothing changed, so that a timeline of ten thousand steps is not laid out again at each seek.
 */
export function mergeFilm(held: readonly StepView[], delta: FilmDelta): readonly StepView[] {
  if (delta.filmFrom > held.length) {
    throw new Error(`the page holds ${held.length} steps and was sent those from ${delta.filmFrom + 1} on`)
  }
  if (delta.film.length === 0 && delta.filmFrom === held.length) return held
  const film = delta.filmFrom === 0 ? delta.film : [...held.slice(0, delta.filmFrom), ...delta.film]
  if (film.length !== delta.length) {
    throw new Error(`a run of ${delta.length} steps came with a film of ${film.length}`)
  }
  return film
}
