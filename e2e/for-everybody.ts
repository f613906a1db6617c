import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Rules that look at colours. All others look at the document, which is the same in every dress. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block']

const dress = (page: Page, as: 'light' | 'dark'): Promise<void> => page.emulateMedia({ colorScheme: as })

/** What of a page is looked at, by selectors; what is there many times over need not be looked at each time. */
interface Where {
  readonly part?: string
  readonly without?: string
}

/** Nothing that a tool can find keeps anybody out. */
export async function accessible(page: Page, where: Where = {}): Promise<void> {
  await complain(axeFor(page, where))
}

/**
 * The same in light and dark: everything in light, and in dark what depends on colours. In forced colours contrast is the
 * system's own affair.
 */
export async function accessibleInLightAndDark(page: Page, where: Where = {}): Promise<void> {
  await dress(page, 'light')
  await accessible(page, where)
  await dress(page, 'dark')
  await complain(axeFor(page, where).withRules(ABOUT_COLOURS))
  await dress(page, 'light')
}

/**
 * One document without frames, of which only what is wrong is asked for: no second page to put results together in, and no list of
 * everything that is right. Four times as fast.
 */
function axeFor(page: Page, { part, without }: Where): AxeBuilder {
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  if (part !== undefined) axe.include(part)
  if (without !== undefined) axe.exclude(without)
  return axe
}

async function complain(axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze()
  expect(violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)).toEqual([])
}

/** A desk, a small laptop, a projector, a phone. */
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const

/** Nothing makes the page scroll sideways. */
export async function fitsTheWindow(page: Page, what?: string): Promise<void> {
  // A picture may be drawn anew for another width, which takes a moment.
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), {
      message: what ?? 'wider than the window by',
    })
    .toBeLessThanOrEqual(0)
}
