import { nearest } from '../../core/base/nearest.ts'
import type { Problem } from '../../core/base/problem.ts'
import type { Bug, CostBug } from '../../core/bugs/bug.ts'
import { bugById } from '../../core/bugs/bug-list.ts'
import { costBugById } from '../../core/bugs/cost-bugs.ts'
import type { Side } from '../../core/bugs/settings-of.ts'
import { KERNEL_IDS } from '../../core/runs/settings.ts'

/** What the rest of the address names: nothing is the shelf itself. */
export type BugRoute =
  | { readonly kind: 'shelf'; readonly problem: Problem | null }
  | { readonly kind: 'bug'; readonly bug: Bug; readonly side: Side; readonly problem: Problem | null }
  | { readonly kind: 'cost'; readonly bug: CostBug; readonly problem: Problem | null }

const SIDES: readonly Side[] = ['present', 'fixed', ...KERNEL_IDS]

/** `B09`, `B09/fixed`, `B09/6.1`. What cannot be read leads to the nearest thing that is there, and says so. */
export function readBugRoute(text: string | null): BugRoute {
  if (text === null) return { kind: 'shelf', problem: null }
  const [number = '', side] = text.split('/')
  const bug = bugById(number)
  if (bug !== undefined) {
    const found = SIDES.find(s => s === side)
    if (side === undefined || found !== undefined) return { kind: 'bug', bug, side: found ?? 'present', problem: null }
    const meant = nearest(side, SIDES)
    const mend = meant === undefined ? `Write fixed, or one of ${KERNEL_IDS.join(', ')}.` : `Did you mean “${meant}”?`
    return { kind: 'bug', bug, side: 'present', problem: { at: 'link', message: `there is no kernel “${side}”`, mend } }
  }
  const costly = costBugById(number)
  if (costly !== undefined) {
    const message = `${costly.id} has no kernels to choose from: its costs are counted with the bug and without it`
    const problem = side === undefined ? null : { at: 'link', message, mend: 'Both stand below.' }
    return { kind: 'cost', bug: costly, problem }
  }
  return {
    kind: 'shelf',
    problem: { at: 'link', message: `there is no bug “${number}”`, mend: 'Numbers go from B01 to B35.' },
  }
}

/** The rest of the address of a bug. */
export const bugPath = (id: string, side: Side): string => (side === 'present' ? id : `${id}/${side}`)
