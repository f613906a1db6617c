// @ts-check
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { CHROMIUM_ARGS, chromiums } from './browser.mjs'

/** @typedef {{ source: string, path: string, version: string }} Browser */

const HELP =
  'No Chromium starts here. Run `apt-get install chromium` or `npx playwright install --with-deps chromium`, ' +
  'or set CHROMIUM_PATH to one.'

const PLAYWRIGHT = fileURLToPath(new URL('../node_modules/.bin/playwright', import.meta.url))

/**
 * Finds a Chromium that really starts, or installs one: Playwright's own build first, then the distribution's package.
 * @returns {Promise<Browser>}
 */
export async function ensureBrowser() {
  const present = await firstThatStarts()
  if (present) return present
  if (process.env.CHROMIUM_PATH) throw new Error(`CHROMIUM_PATH=${process.env.CHROMIUM_PATH} does not start.`)

  const root = process.getuid?.() === 0
  const quickToFail = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' }
  if (run('Downloading Chromium', PLAYWRIGHT, ['install', 'chromium'], quickToFail)) {
    const downloaded = await firstThatStarts()
    if (downloaded) return downloaded
    if (root && run('Installing its libraries', PLAYWRIGHT, ['install-deps', 'chromium'])) {
      const completed = await firstThatStarts()
      if (completed) return completed
    }
  }

  if (root && spawnSync('apt-get', ['--version']).status === 0) {
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
    const patient = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=120']
    run('Reading the package lists', 'apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', 'update'], quiet)
    run('Installing chromium', 'apt-get', [...patient, '--no-install-recommends', 'install', 'chromium'], quiet)
    const packaged = await firstThatStarts()
    if (packaged) return packaged
  }
  throw new Error(HELP)
}

/** Being there is not enough: a browser without its libraries is found, but does not start. */
async function firstThatStarts() {
  for (const { source, path } of chromiums()) {
    try {
      const browser = await chromium.launch({ executablePath: path, args: CHROMIUM_ARGS, timeout: 30_000 })
      const version = browser.version()
      await browser.close()
      return { source, path, version }
    } catch (error) {
      console.log(`${path} does not start: ${String(error).split('\n')[0]}`)
    }
  }
  return undefined
}

/**
 * Runs one step of an installation; its output is shown only when it fails.
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function run(what, command, args, env = {}) {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 600_000,
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${what}: ${status === 0 ? 'done' : 'failed'} (${seconds} s)`)
  if (status !== 0) {
    const output = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n')
    console.log(output.slice(-8).join('\n').replace(/^/gm, '    '))
  }
  return status === 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { source, path, version } = await ensureBrowser()
    console.log(`Chromium ${version}, ${path} (${source})`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
