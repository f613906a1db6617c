import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

test('a recorded munmap of Linux 6.1 plays beside the simulated one and agrees with it', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.recording(/^munmap4\b/)
  await lab.recordedStep(/munmap 4 pages/).click()
  await lab.settle()
  await expect(lab.recordedStep(/munmap 4 pages/)).toContainText(/same/i)
  await expect(lab.main).toContainText('invalidate_range:by_end')
  await expect(lab.main).toContainText('free_pages')
})

for (const name of ['brk', 'dontneed8', 'munmap_shared_dirty', 'pv-munmap4_lasttable', 'k612-munmap4_lasttable']) {
  test(`${name}: the same order in the simulation`, async ({ page }) => {
    const lab = new LabPage(page)
    await lab.open('#/traces')
    await lab.recording(new RegExp(`^${name}(?![\\w-])`))
    await expect(lab.recordedStep(/same/i).first()).toBeVisible()
    await expect(lab.recordedStep(/differs/i)).toHaveCount(0)
  })
}

test('an operation that is not modelled says so', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('#/traces')
  await lab.recording(/^mprotect8(?!_)/)
  await expect(lab.recordedStep(/mprotect READ/).first()).toContainText(/not modelled/i)
})
