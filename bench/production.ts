import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build, preview } from 'vite'
import { CHROMIUM_ARGS, chromiums } from '../scripts/browser.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const IN_PAGE = fileURLToPath(new URL('in-page.js', import.meta.url))

/** A production build of what is in the tree now, served on a free port, and a browser that looks at it. */
export interface Production {
  readonly browser: Browser
  /** Address of the built explore worker, as a file. */
  readonly exploreWorker: string
  /** Opens a hash in a page of its own, with nothing kept from another; waits until it has settled. */
  open(hash: string): Promise<Page>
  end(): Promise<void>
}

/** The browser that the stories use, or null when none starts here. */
export async function startChromium(): Promise<Browser | null> {
  for (const { path } of chromiums()) {
    try {
      return await chromium.launch({ executablePath: path, args: CHROMIUM_ARGS })
    } catch (error) {
      console.error(`${path} does not start: ${String(error).split('\n')[0]}`)
    }
  }
  return null
}

export async function startProduction(browser: Browser): Promise<Production> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-browser-'))
  await build({ root: ROOT, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  // Node is to read the built files as the modules that they are.
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const server = await preview({
    root: ROOT,
    logLevel: 'error',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0 },
  })
  const address = server.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    browser,
    exploreWorker: pathToFileURL(exploreWorkerIn(join(folder, 'assets'))).href,
    open: async hash => {
      // The offline copy is made on a first visit: it would be fetched while the search is measured.
      const page = await browser.newPage({ serviceWorkers: 'block' })
      await page.addInitScript({ path: IN_PAGE })
      await page.goto(`http://127.0.0.1:${address.port}/${hash}`)
      await page.locator('main[data-settled=true]').waitFor()
      return page
    },
    end: async () => {
      await browser.close()
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

function exploreWorkerIn(assets: string): string {
  const [file, ...more] = readdirSync(assets).filter(name => /^explore\.worker-.*\.js$/.test(name))
  if (file === undefined || more.length > 0) throw new Error(`the build has ${file ? 'several' : 'no'} explore workers`)
  return join(assets, file)
}
