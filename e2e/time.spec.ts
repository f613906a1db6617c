import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

const RUN = 's=munmap-forced-flush&k=3.18&d=naive&r=0003002*70*412'

test('stepping back restores every panel', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open(`${RUN}&at=0`)
  const seen: string[] = []
  const look = async () => {
    await lab.shown()
    return (await lab.main.innerText()).replaceAll(/\s+/g, ' ')
  }
  for (let at = 0; at < 19; at++) {
    seen.push(await look())
    await lab.press('ArrowRight')
  }
  for (let at = 18; at >= 0; at--) {
    await lab.press('ArrowLeft')
    expect(await look(), `step ${at}`).toBe(seen[at])
  }
})

test('Home, End and the phases jump; the playhead can be moved by keys', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open(`${RUN}&at=0`)
  await lab.press('End')
  expect(await lab.at()).toEqual([19, 19])
  await lab.press('Home')
  expect(await lab.at()).toEqual([0, 19])
  await lab.press('Shift+ArrowRight')
  expect((await lab.at())[0]).toBeGreaterThan(0)
  await lab.timeline.getByRole('slider').focus()
  await lab.press('ArrowRight', 'ArrowRight')
  expect((await lab.at())[0]).toBeGreaterThan(2)
})

test('playing goes to the end by itself, and pauses when asked', async ({ page }) => {
  const lab = new LabPage(page)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await lab.open(`${RUN}&at=9`)
  await lab.press('+', '+', '+')
  await page.keyboard.press('Space')
  await expect(lab.button('Pause')).toBeVisible()
  await page.keyboard.press('Space')
  await expect(lab.button('Play')).toBeVisible()
  await lab.settle()
  expect((await lab.at())[0]).toBeLessThan(19)
  await page.keyboard.press('Space')
  await expect.poll(async () => (await lab.at())[0], { timeout: 25_000 }).toBe(19)
  await lab.settle()
})

test('a link opens the same moment in a new tab', async ({ page, context }) => {
  const lab = new LabPage(page)
  await lab.open(`${RUN}&at=12`)
  await lab.chooseByKey('CPU 0')
  const hash = await lab.address()
  const other = new LabPage(await context.newPage())
  await other.open(hash)
  expect(await other.address()).toBe(hash)
  expect(await other.at()).toEqual(await lab.at())
  expect(await other.main.innerText()).toBe(await lab.main.innerText())
})

test('another move at an earlier step begins a branch', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open(`${RUN}&at=6`)
  await lab.move('CPU 0')
  expect(await lab.at()).toEqual([7, 7])
  await expect(lab.sentence).toContainText('the PTE of buf[0] is cleared')
})

test('who cannot move says why', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open(`${RUN}&at=3`)
  await expect(lab.chip(/CPU 0/)).toHaveAttribute('aria-disabled', 'true')
  await lab.chip(/CPU 0/).focus()
  await expect(
    page.getByRole('tooltip').filter({ hasText: 'the IOMMU has not executed the invalidate yet' }),
  ).toBeVisible()
})

test('a worker that dies is started again, and the run is where it was', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open(`${RUN}&at=9`)
  const worker = page.workers().find(w => /lab\.worker/.test(w.url()))
  expect(worker, 'the simulation runs in a worker').toBeDefined()
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error('lost on purpose')
    })
  })
  await expect(lab.restarted).toBeVisible()
  await lab.settle()
  expect(await lab.at()).toEqual([9, 19])
  await lab.press('ArrowRight')
  expect(await lab.at()).toEqual([10, 19])
})
