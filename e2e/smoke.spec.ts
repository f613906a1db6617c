import { expect, type Page, test } from '@playwright/test'

/** Everything the browser objects to: errors, refused requests, violations of the policy. */
function complaints(page: Page): string[] {
  const found: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') found.push(message.text())
  })
  page.on('pageerror', error => found.push(error.message))
  page.on('requestfailed', request => found.push(`${request.url()}: ${request.failure()?.errorText}`))
  return found
}

test('the lab opens without a complaint', async ({ page }) => {
  const found = complaints(page)
  await page.goto('./')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('MMU Notifier Lab')
  expect(found).toEqual([])
})

test('asks nobody but its own host for anything', async ({ page, baseURL }) => {
  const urls: string[] = []
  page.on('request', request => urls.push(request.url()))
  await page.goto('./', { waitUntil: 'networkidle' })
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  expect(urls.filter(url => !url.startsWith(baseURL ?? 'none') && !/^(data|blob):/.test(url))).toEqual([])
})

test('opens below another path, under a strict policy sent as a header @csp', async ({ page }) => {
  const found = complaints(page)
  const response = await page.goto('./')
  expect(response?.headers()['content-security-policy']).toContain("style-src 'self'")
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('MMU Notifier Lab')
  await page.evaluate(() => Promise.all([...document.fonts].map(font => font.load())).then(() => undefined))
  expect(found).toEqual([])
})

test.describe('without a network', () => {
  test.use({ serviceWorkers: 'allow' })

  for (const { where, tag } of [
    { where: 'at the root', tag: [] },
    { where: 'below another path, under the policy', tag: '@csp' },
  ]) {
    test(`a second visit ${where} still opens`, { tag }, async ({ page, context }) => {
      await page.goto('./')
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
      await context.setOffline(true)
      await page.reload()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('MMU Notifier Lab')
    })
  }
})
