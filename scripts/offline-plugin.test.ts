import { describe, expect, it } from 'vitest'
import { precached } from './offline-plugin.ts'

const small = (path: string) => ({ path, bytes: 1000 })

describe('what is kept for offline use', () => {
  it('is everything the page is made of, in a stable order', () => {
    const page = ['index.html', 'assets/lab.worker-x.js', 'assets/index-x.css', 'assets/inter-x.woff2', 'favicon.svg']
    expect(precached(page.map(small))).toEqual([...page].sort())
    expect(precached(page.toReversed().map(small))).toEqual([...page].sort())
  })

  it('leaves out source maps and the files of tools', () => {
    expect(precached(['assets/index-x.js.map', '.vite/manifest.json', '.nojekyll'].map(small))).toEqual([])
  })

  it('takes short recordings and leaves long ones on the server', () => {
    const traces = [
      { path: 'traces/short.txt', bytes: 300_000 },
      { path: 'traces/long.txt', bytes: 300_001 },
    ]
    expect(precached(traces)).toEqual(['traces/short.txt'])
  })

  it('never leaves out code, however large', () => {
    expect(precached([{ path: 'assets/index-x.js', bytes: 5_000_000 }])).toEqual(['assets/index-x.js'])
  })
})
