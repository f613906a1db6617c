import { expect, type Locator, type Page, test } from '@playwright/test'
import { accessibleInLightAndDark, fitsTheWindow, SIZES } from './for-everybody.ts'
import { LabPage } from './lab-page.ts'

/** The place where every run is searched, in the reader's words. */
class ExplorePage extends LabPage {
  /** The question that is looked at, and its answer. */
  readonly hunt: Locator
  readonly matrix: Locator

  constructor(page: Page) {
    super(page)
    this.hunt = page.locator('.hunt')
    this.matrix = page.locator('[data-matrix]')
  }

  async search(): Promise<void> {
    await this.hunt.getByRole('button', { name: 'Search every interleaving' }).click()
    await this.settle()
  }

  /** `Broken in 17 steps.` */
  headline(): Promise<string> {
    return this.hunt.locator('strong').innerText()
  }

  async number(name: string): Promise<number> {
    const counter = this.hunt.locator('dl > div').filter({ has: this.page.getByText(name, { exact: true }) })
    return Number((await counter.locator('dd').innerText()).replaceAll(',', ''))
  }

  /** The row of a scenario. */
  row(scenario: string): Locator {
    return this.matrix.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name: scenario }) })
  }

  /** Every cell of the row is answered. */
  async filled(scenario: string): Promise<void> {
    await expect(this.row(scenario).getByText(/waiting|searching|on hold/)).toHaveCount(0, { timeout: 60_000 })
  }

  cell(scenario: string, world: string): Locator {
    return this.matrix.getByRole('link', { name: `${scenario}, ${world}:` })
  }
}

const FORCED = '#/explore?s=munmap-forced-flush&k=3.18&d=naive&a=x86'

test('3.18 is broken, and the run that shows it breaks the rule at its last step', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open(FORCED)
  await explore.search()
  const [, steps] = /^Broken in (\d+) steps\.$/.exec(await explore.headline()) ?? []
  expect(Number(steps)).toBeGreaterThan(0)
  await expect(page.locator('[data-spoken]')).toContainText(`Broken in ${steps} steps`)

  await explore.hunt.getByRole('link', { name: 'Watch it' }).click()
  await explore.settle()
  expect(await explore.at()).toEqual([0, Number(steps)])
  await explore.press('End')
  expect(await explore.at()).toEqual([Number(steps), Number(steps)])
  await explore.tab('Rules')
  await expect(explore.rule('No access reaches a freed frame')).toContainText('A frame was used')
  await explore.button('One step back').click()
  await explore.settle()
  await expect(explore.rule('No access reaches a freed frame')).not.toContainText('A frame was used')

  await page.goBack()
  await explore.settle()
  expect(await explore.headline()).toBe(`Broken in ${steps} steps.`)
})

test('6.1 holds in all states, and says how many', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('#/explore?s=munmap-forced-flush&k=6.1')
  await explore.search()
  const states = await explore.number('states')
  expect(states).toBeGreaterThan(100)
  expect(await explore.headline()).toBe(`Holds in all ${states.toLocaleString('en-GB')} states.`)
  await expect(explore.hunt.getByRole('link', { name: 'Watch it' })).toHaveCount(0)
})

test('as few states as needed come to the same verdict', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('#/explore?s=munmap-plain&k=6.1')
  await explore.search()
  const every = await explore.number('states')
  await explore.hunt.getByLabel('look at').selectOption('as few as the verdict needs')
  await explore.search()
  expect(await explore.headline()).toBe('Holds.')
  const needed = await explore.number('states')
  expect(needed).toBeLessThan(every)
  await expect(explore.hunt).toContainText(`${needed.toLocaleString('en-GB')} states stand for all.`)
})

test('a search that gave up does not read as safe', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('#/explore?s=overlapping-zaps&k=6.1')
  await explore.hunt.getByRole('combobox', { name: /^give up/ }).selectOption({ label: '1,000 states' })
  await explore.search()
  await expect(explore.hunt).toContainText('Not decided. Nothing found in the first 1,000 states')
  await expect(explore.hunt).not.toContainText(/holds/i)
})

test('a search can be cancelled, and begun again', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('#/explore?s=overlapping-zaps&k=6.6&a=arm64')
  // Both clicks in one go: by the time a test could find the second button, a fast machine is done.
  await page.evaluate(() => {
    const button = () => document.querySelector<HTMLElement>('.hunt button')
    button()?.click()
    return new Promise(resolve => requestAnimationFrame(() => resolve(button()?.click())))
  })
  await explore.settle()
  expect(await explore.headline()).toBe('Cancelled.')
  await explore.search()
  expect(await explore.headline()).toMatch(/^Holds in all [\d,]+ states\.$/)
})

test('the matrix tells the history of the fix, and its cells lead on, by keys too', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open(FORCED)
  for (const scenario of ['munmap() with a full batch', 'munmap() of the last page of a page table']) {
    await explore.filled(scenario)
    for (const world of ['3.18 naive', '3.19 1/3', '3.19 2/3']) {
      await expect(explore.cell(scenario, world)).toContainText('broken')
    }
    for (const world of ['3.19', '4.13', '6.1', '6.6 x86', '6.6 arm64', '6.14']) {
      await expect(explore.cell(scenario, world)).toContainText('holds')
    }
    await expect(explore.cell(scenario, 'no CONFIG_MMU_NOTIFIER')).toContainText('broken')
  }

  await explore.cell('munmap() while a GPU shares the page table', '3.18 naive').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(explore.cell('munmap() with a full batch', '3.18 empty table')).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(explore.matrix.locator(':focus')).toHaveCount(0)
  await accessibleInLightAndDark(page, { without: '[data-matrix] tbody tr:nth-child(n + 4)' })

  const holds = explore.cell('munmap() of the last page of a page table', '5.5')
  const states = /[\d,]+/.exec((await holds.innerText()).replace(/^.*holds/s, ''))?.[0]
  await holds.click()
  await explore.settle()
  expect(await explore.headline()).toBe(`Holds in all ${states} states.`)
  await expect(explore.currentKernel).toHaveText('5.5')

  await expect(explore.matrix.getByRole('columnheader', { name: /^(2\.6\.27|3\.7|4\.15|6\.19)\b/ })).toHaveCount(4)
  await expect(explore.row('munmap() with a full batch').getByText('waiting')).toHaveCount(0)

  const broken = explore.cell('munmap() of the last page of a page table', '3.18 naive')
  const steps = Number(/(\d+) steps/.exec(await broken.innerText())?.[1])
  await broken.click()
  await explore.settle()
  expect(await explore.at()).toEqual([0, steps])
  await explore.press('End')
  await explore.tab('Rules')
  await expect(explore.rule('No walk reads a freed page-table page')).toContainText('A hardware walk read')
})

test('the run that was found can be taken along as a table', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const explore = new ExplorePage(page)
  await explore.open(FORCED)
  await explore.search()
  await explore.hunt.getByRole('button', { name: 'Copy as table' }).click()
  await expect(explore.hunt).toContainText('The table is in your clipboard')
  const text = await page.evaluate(() => navigator.clipboard.readText())
  const steps = Number(/\d+/.exec(await explore.headline())?.[0])
  expect(text.trimEnd().split('\n')).toHaveLength(2 + steps)
})

test('a link restores scenario, kernel, driver, architecture and switches', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('#/explore?s=munmap-page-table&k=3.19&d=notifier&a=arm64&sw=invalidateKind:leaf')
  await expect(explore.currentScenario).toContainText('munmap() of the last page of a page table')
  await expect(explore.currentKernel).toHaveText('3.19')
  await expect(explore.hunt).toContainText('notifier · arm64 · invalidateKind: leaf')
  const link = await explore.address()
  await explore.goTo('Traces')
  await explore.open(link)
  await expect(explore.hunt).toContainText('notifier · arm64 · invalidateKind: leaf')
  await explore.kernel('6.1')
  expect(await explore.address()).toContain('k=6.1')
  expect(await explore.address()).toContain('#/explore')
})

test('a bad link says so and asks what it can', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('#/explore?s=munmap-plian&k=2.4')
  await expect(explore.problems).toContainText('there is no scenario “munmap-plian”')
  await expect(explore.problems).toContainText('there is no kernel “2.4”')
  await expect(explore.currentScenario).toContainText('munmap() while a GPU shares the page table')
})

test('the run in the lab is still there after a look at all of them', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open('s=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412&at=9')
  await explore.goTo('Explore')
  await expect(explore.hunt).toContainText('munmap() with a full batch')
  await explore.goTo('Lab')
  expect((await explore.at())[0]).toBe(9)
})

test('nothing is wider than the window, on a projector or a phone', async ({ page }) => {
  const explore = new ExplorePage(page)
  await explore.open(FORCED)
  await explore.search()
  for (const size of SIZES) {
    await page.setViewportSize(size)
    await fitsTheWindow(page, `${size.width}×${size.height}`)
  }
})
