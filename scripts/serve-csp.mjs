// @ts-check
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HEADER_CSP } from './csp.mjs'

/** Serves dist/ as a demanding host would: below a path of its own, with the policy as a header. For the tests. */
const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const BASE = '/some/where/'

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.gz': 'application/gzip',
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const wanted = pathname.startsWith(BASE) ? decodeURIComponent(pathname.slice(BASE.length)) || 'index.html' : undefined
  const file = wanted === undefined ? undefined : normalize(join(DIST, wanted))
  const headers = {
    'Content-Security-Policy': HEADER_CSP,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  }
  try {
    if (file === undefined || !file.startsWith(DIST + sep)) throw new Error('outside')
    const body = await readFile(file)
    response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' })
    response.end(body)
  } catch {
    response.writeHead(404, { ...headers, 'Content-Type': 'text/plain' })
    response.end('not found')
  }
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}${BASE}`)
})
