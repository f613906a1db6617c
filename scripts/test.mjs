// @ts-check
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensureBrowser } from './ensure-browser.mjs'

/**
 * Everything that must hold, in one go: `npm test`. A phase that fails does not stop the others, so that one run tells all.
 * Static checks count as one test each. The last line is always `N passed, N failed`.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const REPORTS = `${ROOT}node_modules/.tmp/reports`
const UNIT_REPORT = `${REPORTS}/unit.json`
const E2E_REPORT = `${REPORTS}/e2e.json`
const TIME_LIMIT_MS = 10 * 60_000

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */
/** @typedef {{ code: number, output: string }} Finished */

const total = { passed: 0, failed: 0, skipped: 0 }
const started = performance.now()

rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(REPORTS, { recursive: true })

const browser = await phase('browser', findBrowser)

// Two cores: pairs of checks which need one each share them.
await Promise.all([
  check('typecheck', 'tsc', ['-b']),
  check('lint and format', 'biome', ['check', '--error-on-warnings']),
])
await Promise.all([
  check('layers', 'node', ['scripts/check-layers.mjs']),
  check('dead code', 'knip', ['--no-progress']),
])
await phase('unit and property tests', unitTests)
const built = await check('build', 'vite', ['build'])
if (built) await check('size of the first load', 'node', ['scripts/size.mjs'])
else skip('size of the first load', 'there is no build')
if (built && browser) await phase('end-to-end tests', endToEndTests)
else skip('end-to-end tests', browser ? 'there is no build' : 'there is no browser')

const seconds = ((performance.now() - started) / 1000).toFixed(1)
console.log(`\nall phases: ${seconds} s${total.skipped > 0 ? `, ${total.skipped} tests skipped` : ''}`)
process.exitCode = total.failed === 0 ? 0 : 1
console.log(`${total.passed} passed, ${total.failed} failed`)

/** A browser is a means, not a test: it only counts when there is none. @returns {Promise<Count>} */
async function findBrowser() {
  try {
    const { source, path, version } = await ensureBrowser()
    // The tests run in the one that was seen to start.
    process.env.CHROMIUM_PATH = path
    console.log(`Chromium ${version}, ${path} (${source})`)
    return { passed: 0, failed: 0, skipped: 0 }
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error))
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/** @returns {Promise<Count>} */
async function unitTests() {
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`]
  const { code } = await run('vitest', args, 'shown')
  const report = readReport(UNIT_REPORT)
  // A file that does not even load has no tests to fail.
  const unloadable = (report?.testResults ?? []).filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return honest(code, {
    passed: report?.numPassedTests ?? 0,
    failed: (report?.numFailedTests ?? 0) + unloadable.length,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  })
}

/** @returns {Promise<Count>} */
async function endToEndTests() {
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: E2E_REPORT }
  const { code } = await run('playwright', ['test', '--reporter=list,json'], 'shown', env)
  const stats = readReport(E2E_REPORT)?.stats
  return honest(code, {
    passed: stats?.expected ?? 0,
    failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0),
    skipped: stats?.skipped ?? 0,
  })
}

/**
 * A runner that ends badly with no failed test has failed all the same, and one that ran nothing has shown nothing.
 * @param {number} code
 * @param {Count} count
 * @returns {Count}
 */
function honest(code, count) {
  const silent = count.failed === 0 && (code !== 0 || count.passed === 0)
  return silent ? { ...count, failed: 1 } : count
}

/**
 * One static check: one test. Its output is held back unless it fails, so that two can run side by side.
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 */
function check(name, command, args) {
  return phase(name, async () => {
    const { code, output } = await run(command, args, 'held')
    if (code !== 0 || command === 'node') console.log(output.trimEnd())
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
  })
}

/**
 * @param {string} name
 * @param {() => Promise<Count>} work
 */
async function phase(name, work) {
  const began = performance.now()
  const { passed, failed, skipped } = await work()
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  const took = ((performance.now() - began) / 1000).toFixed(1)
  const counts = passed + failed > 1 ? ` (${passed} passed, ${failed} failed)` : ''
  console.log(`${failed === 0 ? 'ok  ' : 'FAIL'}  ${name}${counts}  ${took} s`)
  return failed === 0
}

/** What cannot run has not passed. @param {string} name @param {string} why */
function skip(name, why) {
  total.failed += 1
  console.log(`FAIL  ${name}: not run, ${why}`)
}

/**
 * @param {string} command one of node_modules/.bin, or node itself
 * @param {string[]} args
 * @param {'shown' | 'held'} output
 * @param {Record<string, string>} [env]
 * @returns {Promise<Finished>}
 */
function run(command, args, output, env = {}) {
  const path = command === 'node' ? process.execPath : `${ROOT}node_modules/.bin/${command}`
  return new Promise(resolve => {
    const child = spawn(path, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: output === 'shown' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
    })
    let text = ''
    child.stdout?.on('data', data => {
      text += data
    })
    child.stderr?.on('data', data => {
      text += data
    })
    child.on('error', error => resolve({ code: 1, output: `${text}${error.message}` }))
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: signal ? `${text}\nstopped by ${signal}` : text })
    })
  })
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
