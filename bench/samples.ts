import { cpus, loadavg, release, totalmem } from 'node:os'

/** The value below which this share of the samples lies; the middle is 0.5. Between two samples it is drawn straight. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** What else a reader of the figures must know: how busy the machine is changes all of them. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: totalmem(),
  kernel: release(),
  load: loadavg()[0] ?? Number.NaN,
})
