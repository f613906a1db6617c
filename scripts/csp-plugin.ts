import type { Plugin } from 'vite'
import { META_CSP } from './csp.mjs'

/** Puts the policy into built pages. Not in development: there Vite itself needs inline scripts and styles. */
export function metaCsp(): Plugin {
  return {
    name: 'meta-csp',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: META_CSP }, injectTo: 'head-prepend' },
    ],
  }
}
