import { expect, test } from '@playwright/test'
import { CloserPage } from './closer-page.ts'
import { accessible, fitsTheWindow } from './for-everybody.ts'
import { LabPage } from './lab-page.ts'

test('what a munmap costs grows with the playhead, and a figure leads to the step that made it', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('s=munmap-plain&k=6.1&d=notifier&a=x86')
  const panel = await lab.tab('Cost')
  const commands = panel.getByRole('row', { name: /^IOTLB commands/ })
  await expect(commands).toContainText('0')
  await commands.getByRole('button', { name: /^2\b.*go to step/ }).click()
  await lab.settle()
  await expect(commands).toContainText('+1')
  await expect(lab.currentPhase).toContainText('invalidate_range')
  await expect(panel).toContainText('Tables waiting for RCU')
  await accessible(page, { part: '.cost-panel' })

  await lab.compare('6.6')
  const table = lab.comparison.getByRole('table').filter({ hasText: /State after row/ })
  await expect(table.getByRole('row', { name: /^Cost.*CPU flushes/ })).toBeAttached()
  await expect(table.getByRole('row', { name: /^IOTLB commands 2.* 1/ })).toBeAttached()
})

test('across kernels each figure opens the run that it counts', async ({ page }) => {
  const lab = new CloserPage(page)
  await lab.open('#/explore?s=munmap-forced-flush&k=6.6&d=notifier&a=x86')
  const card = await lab.take('Cost')

  await expect(card).toContainText('a device can go round in a circle')
  await expect(card.getByRole('figure', { name: /^IPIs/ })).toContainText('one CPU runs each process')
  const faults = card.getByRole('figure', { name: /^Spurious device faults/ })
  await faults.getByText(/^Table/).click()
  await accessible(page, { part: '.cost-legend' })
  await accessible(page, { part: '.cost-chart:has(details[open])' })
  const row = faults.getByRole('row', { name: /^3.18 empty-table/ })
  await expect(row).toContainText('no limit')
  await row.getByRole('link', { name: /^no limit/ }).click()
  await lab.settle()
  await lab.press('End')
  const counted = (await lab.tab('Cost')).getByRole('row', { name: /^Spurious device faults/ })
  await expect(counted).toContainText(/[2-9]/)
})

test('on a phone the charts fit the window', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const lab = new CloserPage(page)
  await lab.open('#/explore?s=munmap-page-table&k=6.6&d=notifier&a=arm64')
  const card = await lab.take('Cost')
  await expect(card.getByRole('figure', { name: /^Tables waiting for RCU, peak/ })).toBeVisible()
  await card
    .getByText(/^Table/)
    .first()
    .click()
  await fitsTheWindow(page)
})
