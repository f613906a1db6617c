import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** What the page is dressed in. */
export type Dress = 'light' | 'dark' | 'forced colours'

/** Rules that look at colours. All others look at the document, which is the same in every dress. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block']

export async function dress(page: Page, as: Dress): Promise<void> {
  await page.emulateMedia({
    colorScheme: as === 'dark' ? 'dark' : 'light',
    forcedColors: as === 'forced colours' ? 'active' : 'none',
  })
}

/** Nothing that a tool can find keeps anybody out of the page, or of a part of it by its selector. */
export async function accessible(page: Page, part?: string): Promise<void> {
  await complain(part === undefined ? new AxeBuilder({ page }) : new AxeBuilder({ page }).include(part))
}

/**
 * The same in light and dark: everything in light, and in dark what depends on colours. In forced colours contrast is the
 * system's own affair.
 */
export async function accessibleInLightAndDark(page: Page, part?: string): Promise<void> {
  await dress(page, 'light')
  await accessible(page, part)
  await dress(page, 'dark')
  const axe = new AxeBuilder({ page }).withRules(ABOUT_COLOURS)
  await complain(part === undefined ? axe : axe.include(part))
  await dress(page, 'light')
}

async function complain(axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze()
  expect(violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)).toEqual([])
}

/** Nothing makes the page scroll sideways. */
export async function fitsTheWindow(page: Page, what?: string): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(content, what).toBeLessThanOrEqual(window ?? 0)
}
