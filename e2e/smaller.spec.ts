import { expect, type Locator, test } from '@playwright/test'
import { CloserPage } from './closer-page.ts'
import { accessible, fitsTheWindow } from './for-everybody.ts'

/** The closer look that makes a broken case smaller. */
class SmallestPage extends CloserPage {
  async openLook(link: string): Promise<void> {
    await this.open(link)
    await this.take('Smallest case')
  }

  /** Steps of the run, by their rows. */
  get steps(): Locator {
    return this.look.getByRole('row').filter({ has: this.page.getByRole('rowheader') })
  }
}

const FORCED = '#/explore?s=munmap-forced-flush&k=3.18&d=naive&a=x86'

test('what is left of a broken case can be watched: it breaks the rule at the last of as many steps as were shown', async ({
  page,
}) => {
  const smallest = new SmallestPage(page)
  await smallest.openLook(FORCED)
  await expect(smallest.look).toContainText('1 CPU, 1 device and 1 page are enough.')
  const steps = await smallest.steps.count()
  expect(steps).toBeGreaterThan(0)
  await expect(smallest.look).toContainText(`still broken in ${steps} steps, and no run breaks it in fewer`)

  await smallest.look.getByRole('link', { name: 'Watch the smallest case' }).click()
  await smallest.settle()
  await expect(smallest.currentScenario).toContainText('munmap() with a full batch, smallest case')
  expect(await smallest.at()).toEqual([0, steps])
  await smallest.press('End')
  await smallest.tab('Rules')
  await expect(smallest.rule('No access reaches a freed frame')).toContainText('A frame was used')
  await smallest.button('One step back').click()
  await smallest.settle()
  await expect(smallest.rule('No access reaches a freed frame')).not.toContainText('A frame was used')
})

test('each step says what was found without it, and shows what the run comes to', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.setViewportSize({ width: 390, height: 844 })
  const smallest = new SmallestPage(page)
  await smallest.openLook(FORCED)
  const clear = smallest.steps.filter({ hasText: 'clear the PTE of buf[0]' })
  await expect(clear).toContainText(/The rule holds in all \d+ states\./)
  await clear.getByRole('button', { name: /^This run without it/ }).press('Enter')
  await expect(smallest.look).toContainText('Not made: it would first clear the PTE of buf[0].')

  await accessible(page, { part: '.closer' })
  await fitsTheWindow(page)

  await smallest.look.getByRole('button', { name: 'Copy scenario JSON' }).click()
  await expect(smallest.look).toContainText('The scenario in JSON is in your clipboard')
  const scenario = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
  expect(scenario).toMatchObject({ id: 'munmap-forced-flush-smallest', cpus: [{ task: 'app' }] })
})

test('it begins with the run that stands in the lab, and of a safe question it says that there is nothing to do', async ({
  page,
}) => {
  const smallest = new SmallestPage(page)
  await smallest.open('s=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412&at=0')
  await smallest.goTo('Explore')
  await smallest.ask('Smallest case')
  await expect(smallest.look).toContainText('Your run breaks the rule at step 19. Without 2 of its steps')

  await smallest.openLook('#/explore?s=munmap-forced-flush&k=6.1')
  await expect(smallest.look).toContainText('There is nothing to make smaller: no rule is broken in any of')
})
