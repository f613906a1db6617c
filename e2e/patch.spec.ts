import { expect, type Locator, test } from '@playwright/test'
import { accessibleInLightAndDark, fitsTheWindow } from './for-everybody.ts'
import { LabPage } from './lab-page.ts'

/** Three patches, two gaps, and what is said of them, in the reader's words. */
class PatchPage extends LabPage {
  readonly place = this.page.getByRole('region', { name: 'The patch', exact: true })
  readonly table = this.page.getByRole('region', { name: 'Every question, every set of patches' })

  patch(number: 1 | 2 | 3): Locator {
    return this.place.getByRole('switch', { name: new RegExp(`^${number}/3`) })
  }

  gap(number: 1 | 2): Locator {
    return this.place.getByRole('region', { name: new RegExp(`^Gap ${number}:`) })
  }

  async toggle(...patches: readonly (1 | 2 | 3)[]): Promise<void> {
    for (const patch of patches) {
      await this.patch(patch).click()
      await this.settle()
    }
  }

  /** Which patches are on, and whether each gap is open. */
  async stands(): Promise<string> {
    const on = await this.place.getByRole('switch', { checked: true }).count()
    const verdicts = await Promise.all(([1, 2] as const).map(n => this.gap(n).getAttribute('data-gap')))
    return `${on} on: ${verdicts.join(', ')}`
  }

  claim(question: RegExp): Locator {
    return this.place.getByRole('article', { name: question })
  }

  async check(question: RegExp): Promise<Locator> {
    const claim = this.claim(question)
    await claim.getByRole('button', { name: /^Check/ }).click()
    await this.settle()
    return claim
  }
}

test('each patch is switched by itself, both gaps answer at once, and the address says which are on', async ({
  page,
}) => {
  const lab = new PatchPage(page)
  await lab.open('#/patch')
  expect(await lab.stands()).toBe('0 on: open, open')

  // By keyboard. What 2/3 needs comes with it.
  await lab.patch(2).focus()
  await lab.press('Space')
  await expect(lab.patch(1)).toBeChecked()
  expect(await lab.stands()).toBe('2 on: open, open')
  await lab.toggle(3)
  expect(await lab.stands()).toBe('3 on: closed, closed')
  expect(await lab.address()).toBe('#/patch?on=1,2,3')
  await expect(lab.gap(1).getByRole('img')).toHaveAccessibleName(/The IOMMU is told there, by invalidate_range/)

  await lab.toggle(2)
  expect(await lab.stands()).toBe('2 on: open, open')
  await expect(lab.gap(1).getByRole('img')).toHaveAccessibleName(/Nobody tells the IOMMU there/)
  await page.reload()
  await lab.settle()
  expect(await lab.address()).toBe('#/patch?on=1,3')
  expect(await lab.stands()).toBe('2 on: open, open')
})

test('the run that shows a gap can be watched, and the page is as it was when one comes back', async ({ page }) => {
  const lab = new PatchPage(page)
  await lab.open('#/patch?on=1,3')
  const verdict = await lab.gap(2).innerText()
  const steps = Number(/Broken in (\d+) steps/.exec(verdict)?.[1])
  await lab
    .gap(2)
    .getByRole('link', { name: /^Watch/ })
    .click()
  await lab.settle()
  expect(await lab.at()).toEqual([0, steps])
  await lab.press('End')
  await lab.tab('Rules')
  await expect(lab.rule('No walk reads a freed page-table page')).toContainText('A hardware walk read')
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Patch' }).click()
  await lab.settle()
  expect(await lab.stands()).toBe('2 on: open, open')
})

test('the question first; then the answer, from every run, and a run to watch', async ({ page }) => {
  const lab = new PatchPage(page)
  await lab.open('#/patch?on=1,2,3')
  const hidden = lab.claim(/invalidate_range_end\(\) run when a page/)
  await expect(hidden).not.toContainText('Yes')
  const claim = await lab.check(/invalidate_range_end\(\) run when a page/)
  await expect(claim).toContainText(/Yes.*A full batch forces a flush/)
  await expect(claim).toContainText('No: in every run the IOMMU has let go of the page')
  await expect(claim).toContainText(/so at (\d+) of \1 calls of end\(\), in [\d,]+ states/)

  // Another kernel: the same question, answered anew.
  await lab.toggle(3)
  await expect(claim).toContainText('That is the first gap')
  const watch = claim.getByRole('link', { name: /^Watch/ }).first()
  const steps = Number(/(\d+) steps/.exec((await watch.textContent()) ?? '')?.[1])
  await watch.click()
  await lab.settle()
  expect(await lab.at()).toEqual([0, steps])
})

test('a link that asks for what cannot be is mended, and says so', async ({ page }) => {
  const lab = new PatchPage(page)
  await lab.open('#/patch?on=2,7&d=notifier')
  await expect(lab.problems).toContainText('there is no patch “7”')
  await expect(lab.problems).toContainText('1/3 was switched on too')
  await expect(lab.problems).toContainText('no callback to subscribe to')
  expect(await lab.stands()).toBe('2 on: open, open')
})

test('every question under every set of patches, with nothing for axe to find', async ({ page }) => {
  const lab = new PatchPage(page)
  await lab.open('#/patch?on=1,2,3')
  await page.getByRole('button', { name: 'Check all' }).click()
  await lab.settle()
  await lab.table.getByRole('button', { name: 'Fill the table' }).click()
  await expect(lab.table.getByRole('button')).toHaveText('Every cell is answered')
  await expect(lab.table.getByRole('row', { name: /^gap 2/ })).toHaveText('gap 2OpenOpenOpenOpenClosed')
  await expect(lab.table.getByRole('row', { name: /^7\./ })).toHaveText(/nothing to compareYesYesNoNo$/)
  for (const summary of await lab.place.getByText('As a table').all()) await summary.click()
  await accessibleInLightAndDark(page, { part: '.patch' })
})

test('nothing is wider than the window, on a projector or a phone', async ({ page }) => {
  const lab = new PatchPage(page)
  await lab.open('#/patch?on=1,3')
  await page.getByRole('button', { name: 'Check all' }).click()
  await lab.settle()
  for (const [width, height] of [
    [1024, 768],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height })
    await expect(lab.gap(1).getByRole('img')).toBeVisible()
    await fitsTheWindow(page)
  }
})
