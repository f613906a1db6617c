import type { Change } from '../policy/history/change.ts'
import { changeAt, HISTORY, type HistoricId } from '../policy/history.ts'
import { KERNEL_IDS, type KernelId, type SwitchValue } from '../runs/settings.ts'
import type { Bug } from './bug.ts'
import { readyRun } from './ready-run.ts'
import { differences, type Field, policyOf, settingsOf, withField } from './settings-of.ts'

/** Whether a bug's run can be made in one kernel of the slider. */
export interface Stand {
  readonly kernel: KernelId
  readonly possible: boolean
}

/** Two neighbouring kernels between which a bug's run stops being possible, and what they differ in. */
export interface Turn {
  /** In this one the run can be made … */
  readonly possible: KernelId
  /** … and in this one not. */
  readonly impossible: KernelId
  /** The kernel that was asked about is younger than the bug, or older. */
  readonly way: 'mended' | 'not there yet'
  readonly changes: readonly TurningChange[]
}

export interface TurningChange {
  readonly field: Field
  /** With the bug, and without. */
  readonly from: SwitchValue
  readonly to: SwitchValue
  /** Made alone in the kernel with the bug, it takes the run away. */
  readonly enough: boolean
  /** Taken back alone in the kernel without the bug, the run can be made again. */
  readonly needed: boolean
  /** Commit and note of the history of the switches; null for a driver. */
  readonly source: { readonly commit: string | null; readonly note: string } | null
}

const possibleIn = (bug: Bug, kernel: KernelId): boolean => readyRun(bug, settingsOf(bug, kernel)).possible

/** The run of a bug in every kernel, oldest first. */
export const stands = (bug: Bug): Stand[] => KERNEL_IDS.map(kernel => ({ kernel, possible: possibleIn(bug, kernel) }))

/**
 * Which change makes a bug's run impossible in a kernel: looks for the nearest kernel in which it can be made, older ones first, and
 * tries every field in which the two neighbours on the way differ, alone, in both directions. Null where the run can be made, or
 * where no kernel of the slider allows it.
 */
export function turnAt(bug: Bug, kernel: KernelId, found: readonly Stand[] = stands(bug)): Turn | null {
  const at = KERNEL_IDS.indexOf(kernel)
  if (found[at]?.possible !== false) return null
  const before = found.slice(0, at).findLastIndex(stand => stand.possible)
  const after = found.findIndex((stand, i) => i > at && stand.possible)
  const mended = before >= 0
  const with_ = mended ? before : after
  if (with_ < 0) return null
  const possible = KERNEL_IDS[with_] as KernelId
  const impossible = KERNEL_IDS[mended ? with_ + 1 : with_ - 1] as KernelId
  return {
    possible,
    impossible,
    way: mended ? 'mended' : 'not there yet',
    changes: changesBetween(bug, possible, impossible),
  }
}

function changesBetween(bug: Bug, possible: KernelId, impossible: KernelId): TurningChange[] {
  const bad = settingsOf(bug, possible)
  const good = settingsOf(bug, impossible)
  const [from, to] = [policyOf(bug, bad), policyOf(bug, good)]
  return differences(from, to).map(field => ({
    field,
    from: from[field],
    to: to[field],
    enough: !readyRun(bug, withField(bad, field, to[field])).possible,
    needed: readyRun(bug, withField(good, field, from[field])).possible,
    source: sourceOf(field, impossible, possible),
  }))
}

/** Where the younger of two kernels has the value from. */
function sourceOf(field: Field, one: KernelId, other: KernelId): TurningChange['source'] {
  if (!Object.hasOwn(HISTORY, field)) return null
  const younger = KERNEL_IDS.indexOf(one) > KERNEL_IDS.indexOf(other) ? one : other
  const { commit, note }: Change<unknown> = changeAt(field as HistoricId, younger)
  return { commit, note }
}
