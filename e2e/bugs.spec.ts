import { expect, type Locator, type Page, test } from '@playwright/test'
import { accessibleInLightAndDark, fitsTheWindow } from './for-everybody.ts'
import { LabPage } from './lab-page.ts'

/** The shelf, in the reader's words. */
class ShelfPage extends LabPage {
  readonly shelf: Locator
  readonly count: Locator
  /** What every interleaving says, under the settings that are chosen. */
  readonly answer: Locator
  readonly turn: Locator
  readonly stages: Locator

  constructor(page: Page) {
    super(page)
    this.shelf = page.getByRole('list', { name: 'Bugs' })
    this.count = page.getByRole('status').filter({ hasText: 'of 35 bugs' })
    this.answer = page.getByRole('region', { name: 'With the bug and without' }).getByRole('paragraph')
    this.turn = page.getByRole('region', { name: 'Which change did it' })
    this.stages = page.getByRole('region', { name: 'The interleaving' })
  }

  card(title: string | RegExp): Locator {
    return this.shelf.getByRole('listitem').filter({ hasText: title })
  }

  /** `With the bug`, `Without it`, or a kernel. */
  async choose(side: string): Promise<void> {
    await this.page
      .getByRole('group', { name: /^With the bug, without it/ })
      .locator('label')
      .filter({ hasText: new RegExp(`^${side.replaceAll('.', '\\.')}(:|$)`) })
      .click()
    await this.settle()
  }

  /** A numbered step of the story. */
  told(number: number): Locator {
    return this.stages.getByRole('listitem').filter({ hasText: new RegExp(`^${number}\\.`) })
  }
}

test('a reader finds a bug on the shelf, opens it, and sees that it is there and gone', async ({ page }) => {
  const shelf = new ShelfPage(page)
  await shelf.open('#/bugs')
  await expect(shelf.count).toContainText('35 of 35 bugs')
  await page.getByRole('searchbox', { name: 'Find' }).fill('nested gather empty')
  await expect(shelf.shelf.getByRole('listitem')).toHaveCount(1)
  await shelf.card('B09').getByRole('link').click()
  await shelf.settle()
  expect(await shelf.address()).toBe('#/bugs/B09')
  await expect(shelf.answer.filter({ hasText: 'Broken.' }).first()).toContainText('freed page-table page')
  await expect(shelf.stages).toContainText('It can be made here, and does the harm.')
  await shelf.choose('Without it')
  expect(await shelf.address()).toBe('#/bugs/B09/fixed')
  await expect(shelf.answer.filter({ hasText: 'Holds.' }).first()).toContainText('in every state')
  await expect(shelf.stages).toContainText('It cannot be made here. It ends at step 5.')
  await expect(shelf.told(5)).toContainText('Here it ends.')
  await page.getByRole('link', { name: 'All bugs' }).click()
  await expect(shelf.count).toContainText('1 of 35 bugs')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(shelf.count).toContainText('35 of 35 bugs')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('CVE-2022-48991')
  await expect(shelf.dialog('Find a command').getByRole('option')).toHaveText([/^BugB10/])
  await page.keyboard.press('Enter')
  await shelf.settle()
  expect(await shelf.address()).toBe('#/bugs/B10')
})

test('the kernels and the shelf work together: past the fix the page names the change that did it', async ({
  page,
}) => {
  const shelf = new ShelfPage(page)
  await shelf.open('#/bugs/B09/6.1')
  await expect(shelf.turn).toBeHidden()
  await shelf.choose('6.14')
  await expect(shelf.turn.getByRole('heading')).toHaveText('Between 6.1 and 6.6 the run stopped being possible')
  await expect(shelf.turn).toContainText('nestedRangeEncoding')
  await expect(shelf.turn).toContainText('6bbd42e2df8f')
  await expect(shelf.turn).toContainText('Taken back alone in 6.6, the run is possible again. Some interleaving breaks')
  await shelf.choose('4.15')
  await expect(shelf.turn.getByRole('heading')).toHaveText('Between 4.19 and 5.5 the run became possible')
})

test('“Watch” opens the run in the lab at that step, and it ends in the harm', async ({ page }) => {
  const shelf = new ShelfPage(page)
  await shelf.open('#/bugs/B02')
  await shelf.told(5).getByRole('link', { name: /Watch/ }).click()
  await shelf.settle()
  await expect(shelf.problems).toBeHidden()
  const [at, length] = await shelf.at()
  expect(length).toBeGreaterThan(at)
  await shelf.press('End')
  await expect(shelf.sentence).toContainText('walk after free')
})

test('a bug that breaks no rule says what it costs, and a number that is none leads to the shelf', async ({ page }) => {
  const shelf = new ShelfPage(page)
  await shelf.open('#/bugs/B14')
  await expect(shelf.main).toContainText('No rule of damage is broken in any run')
  const dropped = page.getByRole('row', { name: /Entries dropped needlessly/ })
  await expect(dropped.getByRole('cell')).toContainText(['mean 0.87', 'mean 0.58'])
  await shelf.open('#/bugs/B99')
  await expect(shelf.main.getByRole('status').first()).toContainText('there is no bug “B99”')
  await expect(shelf.count).toBeVisible()
})

test('the shelf and a card: axe finds nothing, and nothing is wider than a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const shelf = new ShelfPage(page)
  for (const hash of ['#/bugs', '#/bugs/B01/4.15', '#/bugs/B14']) {
    await shelf.open(hash)
    await accessibleInLightAndDark(page)
    await fitsTheWindow(page, hash)
  }
})
