/** A run of one phase: `unmap+gather` four times. */
export interface Run {
  readonly phase: string
  readonly count: number
  /** Position of its first phase, from 1. */
  readonly position: number
}

/** Two columns side by side: what the machine did, what the simulation did. */
export interface AlignedRow {
  readonly observed: Run | null
  readonly simulated: Run | null
  readonly same: boolean
}

/** Phases with those that follow each other counted, and the place of the first, from 1. */
export function runsOf(phases: readonly string[]): Run[] {
  const runs: Run[] = []
  for (let i = 0; i < phases.length; ) {
    let n = 1
    while (i + n < phases.length && phases[i + n] === phases[i]) n++
    runs.push({ phase: phases[i] ?? '', count: n, position: i + 1 })
    i += n
  }
  return runs
}

/** Above this the longest common subsequence is not looked for: the middle is shown one column after the other. */
const MAX_CELLS = 4_000_000

/**
 * Aligns two orders run by run, so that what is missing from one does not make all that follows look different: the
 * longest common subsequence of the runs' names; runs of different length in the same place are one row.
 */
export function align(observed: readonly string[], simulated: readonly string[]): AlignedRow[] {
  const left = runsOf(observed)
  const right = runsOf(simulated)
  let head = 0
  while (head < left.length && head < right.length && left[head]?.phase === right[head]?.phase) head++
  let tail = 0
  while (
    tail < left.length - head &&
    tail < right.length - head &&
    left[left.length - 1 - tail]?.phase === right[right.length - 1 - tail]?.phase
  )
    tail++

  const rows: AlignedRow[] = []
  for (let i = 0; i < head; i++) rows.push(row(left[i], right[i]))
  rows.push(...middle(left.slice(head, left.length - tail), right.slice(head, right.length - tail)))
  for (let i = tail; i > 0; i--) rows.push(row(left[left.length - i], right[right.length - i]))
  return rows
}

function row(observed: Run | undefined, simulated: Run | undefined): AlignedRow {
  return {
    observed: observed ?? null,
    simulated: simulated ?? null,
    same: observed?.phase === simulated?.phase && observed?.count === simulated?.count,
  }
}

function middle(left: readonly Run[], right: readonly Run[]): AlignedRow[] {
  if (left.length * right.length > MAX_CELLS)
    return [...left.map(r => row(r, undefined)), ...right.map(r => row(undefined, r))]
  // common[i * w + j]: length of the longest common subsequence of left from i and right from j
  const w = right.length + 1
  const common = new Uint16Array((left.length + 1) * w)
  const at = (i: number, j: number): number => common[i * w + j] ?? 0
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      common[i * w + j] =
        left[i]?.phase === right[j]?.phase ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const rows: AlignedRow[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i]?.phase === right[j]?.phase) rows.push(row(left[i++], right[j++]))
    else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1)))
      rows.push(row(left[i++], undefined))
    else rows.push(row(undefined, right[j++]))
  }
  return rows
}

/** What differs, one sentence a row, with the place in the recording's order. */
export function differencesOf(rows: readonly AlignedRow[]): string[] {
  const sentences: string[] = []
  let before: Run | null = null
  for (const { observed, simulated, same } of rows) {
    const place =
      before === null ? 'at the beginning' : `after phase ${before.position + before.count - 1} (${before.phase})`
    if (!same && observed !== null && simulated !== null) {
      sentences.push(
        `phase ${observed.position}: ${observed.phase} ${times(observed.count)} in the recording, ${times(simulated.count)} in the simulation`,
      )
    } else if (observed !== null && simulated === null) {
      sentences.push(`phase ${observed.position}: the recording has ${named(observed)}, the simulation has not`)
    } else if (simulated !== null && observed === null) {
      sentences.push(`${place}: the simulation has ${named(simulated)}, the recording has not`)
    }
    before = observed ?? before
  }
  return sentences
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`)
const named = (r: Run): string => (r.count === 1 ? r.phase : `${r.phase} x${r.count}`)
