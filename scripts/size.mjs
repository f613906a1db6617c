// @ts-check
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** What a first visit must load before anything shows: the entry, what it imports statically, and the styles. */
const BUDGET_KB = 200

const dist = new URL('../dist/', import.meta.url)
const html = readFileSync(new URL('index.html', dist), 'utf8')
const first = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].flatMap(([, path]) => path ?? [])
const gzipped = (/** @type {string} */ path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length / 1000

if (first.length === 0) throw new Error('dist/index.html names no script: the size check would measure nothing')

let total = 0
for (const path of first) {
  const size = gzipped(path)
  total += size
  console.log(`  ${size.toFixed(1).padStart(7)} kB gzip  ${path}`)
}
for (const name of readdirSync(fileURLToPath(new URL('assets', dist)))) {
  const path = `assets/${name}`
  if (/\.(js|css)$/.test(path) && !first.includes(path)) {
    console.log(`  ${gzipped(path).toFixed(1).padStart(7)} kB gzip  ${path} (later)`)
  }
}
console.log(`First load: ${total.toFixed(1)} of ${BUDGET_KB} kB gzip`)
if (total > BUDGET_KB) {
  console.error(`The first load is ${(total - BUDGET_KB).toFixed(1)} kB over its budget.`)
  process.exitCode = 1
}
