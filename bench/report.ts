import type { Sample } from './measured.ts'

/** How a search may go about it: with every state visited, or with its own reductions. */
export const HOWS = ['every', 'reduce'] as const
export type How = (typeof HOWS)[number]

export const WHOS = ['pan', 'ours'] as const
export type Who = (typeof WHOS)[number]

/** Something of each who took part. */
export type ByContestant<T> = Record<How, Record<Who, T>>

export const byContestant = <T>(make: (how: How, who: Who) => T): ByContestant<T> => ({
  every: { pan: make('every', 'pan'), ours: make('every', 'ours') },
  reduce: { pan: make('reduce', 'pan'), ours: make('reduce', 'ours') },
})

/** What all samples found, and the middle of what they took. */
export function medianOf(samples: readonly Sample[]): Sample {
  const first = samples[0]
  if (first === undefined) throw new Error('no sample')
  return {
    ...first,
    seconds: median(samples.map(s => s.seconds)),
    peakBytes: median(samples.map(s => s.peakBytes)),
  }
}

/** Ours to pan's. Below 1 is better for wall and memory, above 1 for states a second. */
export function ratiosOf({ every, reduce }: ByContestant<Sample>) {
  return {
    wall: reduce.ours.seconds / reduce.pan.seconds,
    rawStatesPerSecond: speedOf(every.ours) / speedOf(every.pan),
    memory: reduce.ours.peakBytes / reduce.pan.peakBytes,
    memoryEveryState: every.ours.peakBytes / every.pan.peakBytes,
  }
}

/** One sample as a line. */
export const lineOf = (s: Sample): string =>
  `${s.verdict}, ${s.states} states, ${s.transitions} transitions, ${s.seconds.toFixed(2)} s, ${mebibytes(s.peakBytes)}`

/** The medians as a table. */
export function print(title: string, medians: ByContestant<Sample>): void {
  const row = (...cells: readonly string[]): void => console.log(cells.map(cell => cell.padStart(14)).join(''))
  console.log(title)
  row('', '', 'states', 'transitions', 'seconds', 'states/s', 'peak')
  for (const how of HOWS) {
    for (const who of WHOS) {
      const s = medians[how][who]
      const counts = [s.states, s.transitions].map(n => n.toLocaleString('en'))
      const speed = Math.round(speedOf(s)).toLocaleString('en')
      row(
        how === 'every' ? 'every state' : 'reduced',
        who,
        ...counts,
        s.seconds.toFixed(2),
        speed,
        mebibytes(s.peakBytes),
      )
    }
  }
  const { wall, rawStatesPerSecond, memory, memoryEveryState } = ratiosOf(medians)
  console.log(`ours : pan   wall, reduced           ${wall.toFixed(2)}`)
  console.log(`             states/s, every state   ${rawStatesPerSecond.toFixed(2)}`)
  console.log(`             peak memory, reduced    ${memory.toFixed(2)} (every state ${memoryEveryState.toFixed(2)})`)
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

const speedOf = ({ states, seconds }: Sample): number => states / seconds
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`
