import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { Plugin } from 'vite'

/** Recorded traces above this size are fetched when asked for, not kept for offline use by everyone. */
const LARGEST_TRACE = 300_000

export interface Candidate {
  /** As in a URL below the page: no leading slash, forward slashes. */
  readonly path: string
  readonly bytes: number
}

/** Which of the built files a visitor keeps for offline use, in a stable order. */
export function precached(files: readonly Candidate[]): string[] {
  return files
    .filter(({ path, bytes }) => {
      if (path.endsWith('.map') || path.split('/').some(part => part.startsWith('.'))) return false
      return !path.startsWith('traces/') || bytes <= LARGEST_TRACE
    })
    .map(({ path }) => path)
    .sort()
}

/** Emits sw.js: the template with the list of files and a version which changes whenever one of them does. */
export function offline(): Plugin {
  let root = '.'
  let publicDir = 'public'
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      root = config.root
      publicDir = config.publicDir
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const contents = new Map<string, string | Uint8Array>()
        for (const path of listFiles(publicDir)) contents.set(path, readFileSync(resolve(publicDir, path)))
        for (const [path, file] of Object.entries(bundle)) {
          contents.set(path, file.type === 'chunk' ? file.code : file.source)
        }

        const paths = precached([...contents].map(([path, content]) => ({ path, bytes: content.length })))
        const version = createHash('sha256')
        for (const path of paths) version.update(path).update(contents.get(path) ?? '')

        const template = readFileSync(resolve(root, 'sw.template.js'), 'utf8')
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: template
            .replace('__VERSION__', () => JSON.stringify(version.digest('hex').slice(0, 12)))
            .replace('__FILES__', () => JSON.stringify(paths)),
        })
      },
    },
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(resolve(folder, path)).isFile())
    .map(path => relative(folder, resolve(folder, path)).split(sep).join('/'))
}
