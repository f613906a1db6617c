import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

test('the whole story runs under a strict policy sent as a header @csp', async ({ page }) => {
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(error.message))
  const lab = new LabPage(page)
  await lab.open('s=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412&at=17')
  await lab.press('ArrowRight', 'ArrowRight')
  await expect(lab.sentence).toContainText('use after free')
  await lab.compare('6.1')
  await lab.press('Escape')
  for (const tab of ['State', 'Rules', 'Transcript', 'Step'] as const) await lab.tab(tab)
  const setup = await lab.setup()
  await setup.getByRole('searchbox', { name: 'Find a switch' }).fill('drains walks')
  await expect(setup.getByRole('group')).toHaveCount(1)
  // What was typed goes first, then the dialog.
  await lab.press('Escape', 'Escape')
  await lab.goTo('Traces')
  await lab.recording(/^munmap4\b/)
  await expect(lab.recordedStep(/same/i).first()).toBeVisible()
  expect(complaints).toEqual([])
})
