import { expect, test } from '@playwright/test'
import { LabPage } from './lab-page.ts'

/** Where names are nearest to each other: the ends, the series, two figures beside one. */
for (const { names, ...size } of [
  { width: 1440, height: 900, names: ['2.6.27', '3.7', '3.19 2/3', '4.13', '5.5', '6.14'] },
  { width: 390, height: 844, names: ['3.18', '3.19', '6.19'] },
]) {
  test(`fourteen kernels on one line, ${size.width} wide: the chosen one is named, and no name reaches into another`, async ({
    page,
  }) => {
    const lab = new LabPage(page)
    await page.setViewportSize(size)
    await lab.open('s=munmap-plain')
    expect(await lab.headerOverflow()).toBe(0)
    for (const name of names) {
      await lab.kernel(name)
      await expect(lab.currentKernel).toHaveText(name)
      const boxes = await lab.kernels.locator('.release-tick').evaluateAll(ticks =>
        ticks.map(tick => {
          const { left, right } = tick.getBoundingClientRect()
          return { text: tick.textContent, left, right }
        }),
      )
      expect(boxes.map(b => b.text)).toContain(name)
      const whole = await lab.kernels.boundingBox()
      const edges = boxes.sort((a, b) => a.left - b.left)
      expect(edges[0]?.left).toBeGreaterThanOrEqual(whole?.x ?? Number.NaN)
      expect(edges.at(-1)?.right).toBeLessThanOrEqual((whole?.x ?? 0) + (whole?.width ?? 0))
      for (const [i, { left }] of edges.entries())
        expect(left, `${name}: ${edges.map(b => b.text)}`).toBeGreaterThanOrEqual(edges[i - 1]?.right ?? 0)
    }
  })
}

test('arrows walk through history, and what is new is said', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('s=munmap-forced-flush&k=3.19-2of3')
  await lab.kernels.getByRole('radio', { name: '3.19 2/3' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(lab.currentKernel).toHaveText('3.19')
  await expect(lab.currentKernel).toHaveAttribute('title', /drivers can subscribe to invalidate_range/)
})

test('a comparison begins with the next kernel that is otherwise', async ({ page }) => {
  const lab = new LabPage(page)
  await lab.open('s=munmap-plain&k=2.6.27')
  await lab.compare()
  await expect(lab.comparison.getByRole('combobox')).toHaveValue('3.7')
})
