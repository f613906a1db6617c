import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from '@playwright/test'
import type { Scenario } from '../src/core/scenarios/scenario.ts'
import type { RunLink } from '../src/worker/lab-api.ts'
import { exploreHash } from './links.ts'
import type { Production } from './production.ts'
import { median, quantile } from './samples.ts'

/** Samples in milliseconds, and what they say. */
interface Wait {
  readonly median: number
  readonly p95: number
  readonly samples: readonly number[]
}

export interface Waits {
  /** A click on a broken cell of the matrix, until its run can be played in the lab. */
  readonly cellToPlayable: Wait
  /** A click on *Search every interleaving*, until the verdict stands there, for the scenarios of the two seed bugs. */
  readonly searchToAnswer: Wait
  /** A click on *Watch it*, likewise. */
  readonly watchToPlayable: Wait
  /** A click on *Cancel* in the middle of a large search, until the page says so. */
  readonly cancelToSaid: Wait
  /** Between one report of a large search and the next. */
  readonly betweenReports: Wait
  readonly reportsPerSecond: number
}

/** The two seed bugs, in the kernel that has them. */
const SEEDS: readonly RunLink[] = ['munmap-forced-flush', 'munmap-page-table'].map(scenario => ({
  scenario,
  kernel: '3.18',
  driver: 'naive',
  arch: 'x86',
}))

/** Far more than is waited for: the scenario that is held against SPIN, with scripts twice as long. */
const LARGE: RunLink = {
  scenario: 'two-devices',
  custom: twiceAsLong(readFileSync(fileURLToPath(new URL('two-devices.json', import.meta.url)), 'utf8')),
  kernel: '6.6',
  driver: 'notifier',
  arch: 'x86',
}

function twiceAsLong(text: string): string {
  const scenario: Scenario = JSON.parse(text)
  const devices = scenario.devices.map(d => ({ ...d, script: [...d.script, ...d.script] }))
  return JSON.stringify({ ...scenario, devices })
}

const waitOf = (samples: readonly number[]): Wait => ({
  median: median(samples),
  p95: quantile(samples, 0.95),
  samples,
})

/** Clicks as a hand does, and answers with the milliseconds until the page shows what comes of it. */
async function clicked(page: Page, target: Locator, what: 'playable' | 'answered' | 'cancelled'): Promise<number> {
  const shown: Promise<number> = page.evaluate(`bench.sinceClick('${what}')`)
  const [milliseconds] = await Promise.all([shown, target.click()])
  return milliseconds
}

async function sinceClick(page: Page, name: string | RegExp, what: 'playable' | 'answered' | 'cancelled') {
  const target = page.getByRole(what === 'playable' ? 'link' : 'button', { name }).first()
  return clicked(page, target, what)
}

/** Follows cells that are broken, one after another, and comes back by the browser's own button. */
async function followCells(production: Production, clicks: number): Promise<number[]> {
  const page = await production.open('#/explore')
  const samples: number[] = []
  const cells = page.locator('a.cell-broken')
  for (let i = 0; i < clicks; i++) {
    await page.locator('[data-matrix=done]').waitFor({ timeout: 120_000 })
    const cell = cells.nth(i % (await cells.count()))
    await cell.scrollIntoViewIfNeeded()
    samples.push(await clicked(page, cell, 'playable'))
    await page.goBack()
    await page.locator('main[data-settled=true] .hunt').waitFor()
  }
  await page.close()
  return samples
}

/** Each in a new page, which fills its matrix all the while: what a reader has who comes by a link. */
async function searchAndWatch(production: Production, clicks: number) {
  const answers: number[] = []
  const watches: number[] = []
  for (let i = 0; i < clicks; i++) {
    const page = await production.open(exploreHash(SEEDS[i % SEEDS.length] as RunLink))
    answers.push(await sinceClick(page, 'Search every interleaving', 'answered'))
    watches.push(await sinceClick(page, 'Watch it', 'playable'))
    await page.close()
  }
  return { answers, watches }
}

/** Milliseconds of a large search: before Cancel is clicked, one after another, and once for the sake of its reports alone. */
const BEFORE_CANCEL = [500, 1000, 2000, 4000]
const LONG = 20_000

/** A search that goes on for long: how often it reports, and what Cancel takes at different moments of it. */
async function cancelLarge(production: Production, clicks: number) {
  const cancels: number[] = []
  const gaps: number[] = []
  const moments = Array.from({ length: clicks }, (_, i) => BEFORE_CANCEL[i % BEFORE_CANCEL.length] as number)
  for (const milliseconds of [...moments.slice(0, -1), LONG]) {
    const page = await production.open(exploreHash(LARGE))
    await page.getByRole('button', { name: 'Search every interleaving' }).click()
    const heard: number[] = await page.evaluate(`bench.reports(${milliseconds})`)
    gaps.push(...heard)
    // On a fast machine the long one may have come to its limit.
    if (await page.evaluate('bench.searching()')) cancels.push(await sinceClick(page, 'Cancel', 'cancelled'))
    await page.close()
  }
  return { cancels, gaps }
}

export async function waitsIn(production: Production, clicks: number): Promise<Waits> {
  const cells = await followCells(production, clicks)
  const { answers, watches } = await searchAndWatch(production, clicks)
  const { cancels, gaps } = await cancelLarge(production, clicks)
  return {
    cellToPlayable: waitOf(cells),
    searchToAnswer: waitOf(answers),
    watchToPlayable: waitOf(watches),
    cancelToSaid: waitOf(cancels),
    betweenReports: waitOf(gaps),
    reportsPerSecond: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
  }
}

export function printWaits(waits: Waits): void {
  const row = (name: string, { samples, median: middle, p95 }: Wait) => {
    const figures = [middle, p95, Math.max(...samples)].map(ms => `${Math.round(ms)} ms`.padStart(9)).join('')
    console.log(`${name.padEnd(30)}${figures}   (${samples.length})`)
  }
  console.log(`${''.padEnd(30)}   median      p95     most`)
  row('cell, to playable', waits.cellToPlayable)
  row('search of a seed, to answer', waits.searchToAnswer)
  row('Watch it, to playable', waits.watchToPlayable)
  row('Cancel, to said', waits.cancelToSaid)
  row('report, to the next', waits.betweenReports)
  console.log(`reports a second              ${waits.reportsPerSecond.toFixed(1)}`)
}
