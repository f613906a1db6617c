// @ts-check
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

/** No sandbox: tests run as root in containers too, and open only our own pages. The rest keeps the browser off the net. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * Browsers worth trying, best first. CHROMIUM_PATH is an order, not a hint: nothing else is tried then.
 * @returns {{ source: string, path: string }[]}
 */
export function chromiums() {
  const asked = process.env.CHROMIUM_PATH
  if (asked) return [{ source: 'CHROMIUM_PATH', path: asked }]

  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const system = ['/usr/bin/chromium', ...NAMES.flatMap(name => folders.map(folder => join(folder, name)))]
  return [
    { source: 'playwright', path: chromium.executablePath() },
    ...[...new Set(system)].map(path => ({ source: 'system', path })),
  ].filter(({ path }) => path !== '' && isExecutable(path))
}

/** Launch options for Playwright: with the path spelled out, the full build serves headless runs too. */
export function launchOptions() {
  const [first] = chromiums()
  return { ...(first ? { executablePath: first.path } : {}), args: CHROMIUM_ARGS }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
