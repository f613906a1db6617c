import { B14 } from './b14-empty-range-means-all.ts'
import type { CostBug } from './bug.ts'

/** Bugs that break no rule and cost something, by number. To add one: a file, its import, its line. See docs/bugs.md. */
export const COST_BUGS: readonly CostBug[] = [B14]

export const costBugById = (id: string): CostBug | undefined => COST_BUGS.find(bug => bug.id === id.toUpperCase())
