import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What one search in a process of its own found, and what it took. */
export interface Sample {
  readonly verdict: string
  readonly states: number
  readonly transitions: number
  readonly seconds: number
  /** The most memory that its process ever held. */
  readonly peakBytes: number
}

/** What a process printed, and what it took. */
export interface Measured {
  readonly stdout: string
  readonly seconds: number
  readonly peakBytes: number
}

/** Runs a command and measures it from outside: the same ruler for everybody. */
export type Measure = (command: string, args: readonly string[]) => Measured

/** Compiles the ruler (measure.c) into the folder. */
export function rulerIn(folder: string): Measure {
  const ruler = join(folder, 'measure')
  const report = join(folder, 'measure.txt')
  execFileSync('gcc', ['-O2', '-o', ruler, fileURLToPath(new URL('measure.c', import.meta.url))])
  return (command, args) => {
    const run = spawnSync(ruler, [report, command, ...args], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 })
    if (run.error !== undefined) throw run.error
    if (run.status !== 0) throw new Error(`${command} ended with ${run.status}:\n${run.stdout}${run.stderr}`)
    const [seconds = Number.NaN, kibibytes = Number.NaN] = readFileSync(report, 'utf8').split(' ').map(Number)
    return { stdout: run.stdout, seconds, peakBytes: kibibytes * 1024 }
  }
}
