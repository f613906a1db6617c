import { deflateRawSync } from 'node:zlib'
import type { RunLink } from '../src/worker/lab-api.ts'

/** The hash under which the page searches what a link names. A scenario travels in it as a reader's own does: packed. */
export function exploreHash({ scenario, kernel, driver, arch, custom }: RunLink): string {
  const parts = {
    s: scenario,
    k: kernel,
    d: driver,
    a: arch,
    x: custom && deflateRawSync(custom).toString('base64url'),
  }
  const given = Object.entries(parts).filter(([, text]) => text !== undefined)
  return `#/explore?${given.map(([part, text]) => `${part}=${text}`).join('&')}`
}
