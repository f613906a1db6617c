import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'
import type { Shape } from './shape.ts'

/* A child that is not there yet: the process forks as the run goes on. */

export const forkColumns = (b: LayoutBuilder, { features }: FeatureSizes) => ({
  /** 1 once the child may run. */
  born: b.column('born', features.forks ? 1 : 0, 1),
})

export const isBorn = (s: Shape, m: Machine): boolean => s.born.length === 0 || get(m, s.born, 0) === 1
export const bear = (s: Shape, m: Machine): void => set(m, s.born, 0, 1)

/** The page of the app that a page of the child is a copy of; -1 when there is none. */
export const originalOf = (s: Setup, page: number): number =>
  s.objectOf.findIndex((object, other) => object === s.objectOf[page] && s.regions[s.regionOf[other] ?? -1]?.mm === 0)
