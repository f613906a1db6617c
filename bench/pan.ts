import { type ExecFileSyncOptions, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { type Choices, MODELS, macrosOf } from '../scripts/promela.ts'
import type { Measure, Sample } from './measured.ts'

/*
 * SPIN's verifier, pan, as well as it can be set up for one model.
 *
 * The model asks in the steps themselves (ASK_VERDICT): an assert where I1 or I2 is broken, no process that watches and could
 * move after every step. For deadlock there is one, but all it waits for is `timeout`, which pan only tries when nobody else can
 * move. A task that unmaps has its place in the program as a place in its process, and what is its own as local variables, so
 * that partial-order reduction finds the steps that touch nothing else: pan -d marks them L. Devices and IOMMU have none; every
 * step of theirs reads or writes what is shared.
 *
 * Where every state is visited, SPIN's optimisations are off: they leave variables out of the state that nobody reads again, and
 * the counts could not be ours. Where it may reduce, they are on, because they reduce too.
 */

/** A verifier, compiled and fitted to its model. */
export type Pan = () => Sample

/** Generates, compiles and fits a verifier; the fitting visits all states at least once. */
export function panFor(folder: string, model: string, choices: Choices, reduce: boolean, measure: Measure): Pan {
  const at = join(folder, reduce ? 'reduced' : 'every')
  mkdirSync(at)
  const pan = join(at, 'pan')
  const options: ExecFileSyncOptions = { cwd: at, stdio: ['ignore', 'ignore', 'inherit'] }
  const optimisations = reduce ? [] : ['-o1', '-o2', '-o3']
  const file = join(MODELS, `${model}.pml`)
  execFileSync('spin', ['-a', ...optimisations, ...macrosOf(choices), '-DASK_VERDICT', file], options)
  // VECTORSZ, the most bytes of a state, is 1024 by itself; pan stops when that is not enough. MEMLIM is in megabytes.
  const memory = `-DMEMLIM=${Math.floor(totalmem() / 2 ** 20)}`
  const compile = ['-O2', '-w', '-DSAFETY', ...(reduce ? [] : ['-DNOREDUCE']), memory]
  execFileSync('gcc', [...compile, '-o', pan, 'pan.c'], options)

  // No deeper a stack than is needed, and a hash table with as many slots as states: the next power of two.
  let depth = 10_000
  let first = outcome(measure(pan, args(depth)))
  for (; first.tooDeep; first = outcome(measure(pan, args(depth)))) depth *= 10
  const slots = Math.ceil(Math.log2(first.states))
  return () => {
    const run = measure(pan, args(depth, slots))
    const { states, transitions, verdict } = outcome(run)
    return { verdict, states, transitions, seconds: run.seconds, peakBytes: run.peakBytes }
  }
}

/** -E: that processes never end is no error. -c1: stop at the first. */
const args = (depth: number, slots?: number): string[] => [
  '-E',
  '-c1',
  `-m${depth}`,
  ...(slots === undefined ? [] : [`-w${slots}`]),
]

function outcome({ stdout }: { readonly stdout: string }) {
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? Number.NaN)
  const errors = number(/errors: (\d+)/)
  const states = number(/(\d+) states, stored/)
  const tooDeep = stdout.includes('max search depth too small')
  if (Number.isNaN(errors + states) || /out of memory|VECTORSZ/.test(stdout)) {
    throw new Error(`pan did not finish:\n${stdout}`)
  }
  // pan counts the step into the initial state; from 100 million on it prints eight digits and an exponent.
  return { states, transitions: number(/(\S+) transitions/) - 1, verdict: errors === 0 ? 'holds' : 'broken', tooDeep }
}
