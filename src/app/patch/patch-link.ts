import type { Problem } from '../../core/base/problem.ts'
import { DRIVER_KINDS, type DriverKind } from '../../core/runs/settings.ts'
import { completed, driversFor, kernelWith, PATCHES, type Patch, type Series } from '../../core/studies/patch/series.ts'
import type { RunLink } from '../../worker/lab-api.ts'

/** What the reader chose: the patches that are in, and the driver. */
export interface PatchChoice {
  readonly series: Series
  readonly driver: DriverKind
}

/** The driver that is written for a kernel with these patches. */
export const driverWritten = (series: Series): DriverKind => driversFor(series)[0] ?? 'naive'

/** As the query of a hash: nothing, `on=1,2,3`, `on=1,3&d=naive`. */
export function patchQuery({ series, driver }: PatchChoice): string {
  const parts = [
    ...(series.length === 0 ? [] : [`on=${series.join(',')}`]),
    ...(driver === driverWritten(series) ? [] : [`d=${driver}`]),
  ]
  return parts.join('&')
}

/** Reads such a query. What cannot be used is left out, and said. */
export function readPatch(query: string): { readonly patch: PatchChoice; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const params = new URLSearchParams(query)
  const series = readSeries(params.get('on'), problems)
  const driver = readDriver(params.get('d'), series, problems)
  return { patch: { series, driver }, problems }
}

function readSeries(text: string | null, problems: Problem[]): Series {
  const at = 'patch, part on'
  const patches: Patch[] = []
  for (const word of text === null || text === '' ? [] : text.split(',').slice(0, 20)) {
    const patch = PATCHES.find(p => String(p) === word.trim())
    if (patch !== undefined) patches.push(patch)
    else problems.push({ at, message: `there is no patch “${word.slice(0, 20)}”`, mend: 'Patches are 1, 2 and 3.' })
  }
  const series = completed(patches)
  if (series.length > new Set(patches).size)
    problems.push({ at, message: 'the function of 1/3 is missing', mend: '1/3 was switched on too.' })
  return series
}

function readDriver(text: string | null, series: Series, problems: Problem[]): DriverKind {
  const usual = driverWritten(series)
  if (text === null) return usual
  const driver = DRIVER_KINDS.find(d => d === text)
  if (driver !== undefined && driversFor(series).includes(driver)) return driver
  problems.push({
    at: 'patch, part d',
    message:
      driver === undefined
        ? `there is no driver “${text.slice(0, 40)}”`
        : 'without 3/3 there is no callback to subscribe to',
    mend: `Shown instead: ${usual}. There are ${driversFor(series).join(', ')}.`,
  })
  return usual
}

/** A scenario under the kernel that was chosen, for the worker and for the lab. */
export function linkUnder({ series, driver }: PatchChoice, scenario: string): RunLink {
  const { kernel, switches } = kernelWith(series)
  const texts = Object.entries(switches).map(([id, value]) => [id, String(value)])
  return { scenario, kernel, driver, arch: 'x86', switches: Object.fromEntries(texts) }
}
