import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Printed {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

type Command = (...args: readonly string[]) => Printed

/** A command as `npm run` starts it, whose sources are translated each time. */
export const asShipped =
  (name: string): Command =>
  (...args) =>
    started(['--import', 'tsx', `scripts/${name}.ts`, ...args])

/** The same command in one file, translated once for all the tests of `test`: a start takes a tenth of the time. */
export async function bundled(name: string, test: string): Promise<Command> {
  const outDir = `${ROOT}node_modules/.tmp/commands/${test}`
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: { ssr: `scripts/${name}.ts`, outDir, emptyOutDir: true, target: 'node20', copyPublicDir: false },
  })
  return (...args) => started([`${outDir}/${name}.js`, ...args])
}

function started(args: readonly string[]): Printed {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
  return { status, stdout, stderr }
}
