import { expect, test } from '@playwright/test'
import { CloserPage } from './closer-page.ts'
import { accessible, fitsTheWindow } from './for-everybody.ts'

const FORCED = '#/explore?s=munmap-forced-flush&k=3.18&d=naive&a=x86'

test('how runs end on 3.18: harm comes first, and a run of each kind can be watched to its end', async ({ page }) => {
  const closer = new CloserPage(page)
  await closer.open(FORCED)
  const panel = await closer.take('Outcomes')
  await expect(panel).toContainText(/[\d.]+ % of all runs do harm/)
  const rows = panel.getByRole('row').filter({ has: page.getByRole('link', { name: 'Watch' }) })
  await expect(rows.first()).toContainText('wrote into a freed frame')
  await accessible(page, { part: '.closer' })

  const row = rows.filter({ hasText: 'wrote into a page of another process' }).first()
  const steps = Number(/(\d+) steps/.exec(await row.innerText())?.[1])
  await row.getByRole('link', { name: 'Watch' }).click()
  await closer.settle()
  expect(await closer.at()).toEqual([0, steps])
  await closer.press('End')
  await closer.tab('Rules')
  await expect(closer.rule('No access reaches a freed frame')).toContainText('A frame was used')
})

test('where a device may try again for ever nobody counts runs', async ({ page }) => {
  const closer = new CloserPage(page)
  await closer.open('#/explore?s=munmap-forced-flush&k=3.18&d=empty-table&a=x86')
  const panel = await closer.take('Outcomes')
  await expect(panel).toContainText('No run does harm.')
  await expect(panel).toContainText('Runs cannot be counted here')
  await expect(panel.getByRole('columnheader', { name: 'Chance' })).toBeVisible()
})

test('the danger strip leads, by keyboard too, from a gap to a shortest run with damage in it', async ({ page }) => {
  const closer = new CloserPage(page)
  await closer.open(FORCED)
  const panel = await closer.take('Danger')
  await expect(panel).toContainText(/They fall between \w+ \(CPU 0: pfn \d+ goes back to the allocator\) and/)
  const gap = panel.getByRole('listitem').filter({ hasText: /^zap/ }).last()
  await expect(gap).toContainText('0% of the accesses here are damage')
  await expect(panel.getByText('no access can happen here').first()).toBeAttached()
  await panel.getByText('Gap by gap').click()
  await accessible(page, { part: '.closer' })

  const dangerous = panel.getByRole('link', { name: /^100% of the accesses here are damage, after free/ }).first()
  const steps = Number(/(\d+) steps/.exec((await dangerous.textContent()) ?? '')?.[1])
  await dangerous.focus()
  await page.keyboard.press('Enter')
  await closer.settle()
  expect(await closer.at()).toEqual([0, steps])
  await closer.press('End')
  await expect(closer.sentence).toContainText(/after.*free/i)
})

test('on a phone both fit the window, and the card stays where it is', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const closer = new CloserPage(page)
  await closer.open(FORCED)
  const tabs = closer.card.getByRole('tablist')
  await tabs.scrollIntoViewIfNeeded()
  for (const tab of ['Outcomes', 'Danger'] as const) {
    await closer.card.getByRole('tab', { name: tab }).click()
    const before = await tabs.boundingBox()
    await closer.take(tab)
    expect((await tabs.boundingBox())?.y).toBe(before?.y)
    await fitsTheWindow(page)
  }
})
