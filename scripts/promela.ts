import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { failed, type Parsed, type Problem, parsed } from '../src/core/base/problem.ts'
import type { SwitchId, SwitchValues } from '../src/core/policy/policy.ts'
import type { Arch, DriverKind, KernelId, SwitchValue } from '../src/core/runs/settings.ts'

/** Where the models in Promela are. */
export const MODELS = fileURLToPath(new URL('../verify/spin/', import.meta.url))

/** What is chosen before a run, ours or SPIN's. */
export interface Choices {
  readonly kernel: KernelId
  readonly driver: DriverKind
  readonly arch: Arch
  readonly switches: SwitchValues
}

/** A macro of policy.pml for each switch that the models know, with its values. The others change nothing in what they model. */
const MACROS: { readonly [Id in SwitchId]?: readonly [string, Readonly<Record<string, number>>] } = {
  configMmuNotifier: ['CONFIG_MMU_NOTIFIER', { false: 0, true: 1 }],
  rangeCallback: ['RANGE_CALLBACK', { false: 0, true: 1 }],
  gatherFlushNotifies: ['GATHER_FLUSH_NOTIFIES', { false: 0, true: 1 }],
  tableFreeNotifies: ['TABLE_FREE_NOTIFIES', { false: 0, true: 1 }],
  endImpliesInvalidate: ['END_IMPLIES_INVALIDATE', { false: 0, true: 1 }],
  archFlushNotifies: ['ARCH_FLUSH_NOTIFIES', { false: 0, true: 1 }],
  endVmaFlushNotifies: ['END_VMA_FLUSH_NOTIFIES', { false: 0, true: 1 }],
  nestedGatherForcesFlush: ['NESTED_GATHER_FORCES_FLUSH', { false: 0, true: 1 }],
  nestedRangeEncoding: ['NESTED_RANGE_IS_FULL', { empty: 0, full: 1 }],
  mmapLockDowngrade: ['MMAP_LOCK_DOWNGRADE', { never: 0, 'unless-grows': 1, always: 1 }],
  tableFree: ['TABLES_BY_RCU', { 'with-pages': 0, rcu: 1 }],
  batchFreeOrder: ['OLDEST_FIRST', { lifo: 0, fifo: 1 }],
  mergeVmas: ['MERGE_VMAS', { false: 0, true: 1 }],
  emptyTableNesting: ['COUNTS_PAIRS', { boolean: 0, counter: 1 }],
  drainsWalks: ['DRAINS_WALKS', { false: 0, true: 1 }],
  invalidateKind: ['LEAF_ONLY', { 'non-leaf': 0, leaf: 1 }],
  rangeArgument: ['RANGE_EMPTIED', { exact: 0, 'empty-means-all': 1 }],
  invalidateOrder: ['ATC_FIRST', { 'iotlb-first': 0, 'atc-first': 1 }],
  seqSampledAt: ['SEQUENCE_FIRST', { 'before-VMA-lookup': 1, after: 0 }],
  pfnCacheRetryCounter: ['CACHE_ASKS_FOR_ACTIVE', { in_progress: 0, mn_active_invalidate_count: 1 }],
}

const DRIVERS: Readonly<Record<DriverKind, string>> = {
  naive: 'NAIVE',
  'empty-table': 'EMPTY_TABLE',
  notifier: 'NOTIFIER',
}

/** 3.18 is 318, 6.6 is 606. */
function kernelNumber(kernel: KernelId): number {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  return 100 * major + minor
}

/** What a model is told of the choices: `-DKERNEL=606`, and so on. */
export function macrosOf({ kernel, driver, arch, switches }: Choices): string[] {
  const defines = [`KERNEL=${kernelNumber(kernel)}`, `DRIVER=${DRIVERS[driver]}`, `ARM64=${arch === 'arm64' ? 1 : 0}`]
  for (const [id, value] of Object.entries(switches) as [SwitchId, SwitchValue][]) {
    const macro = MACROS[id]
    if (macro !== undefined) defines.push(`${macro[0]}=${macro[1][String(value)]}`)
  }
  return defines.map(define => `-D${define}`)
}

/** Versions of the two tools, or which is missing and how to get it. */
export function spinAndGcc(): Parsed<{ readonly spin: string; readonly gcc: string }> {
  const spin = versionOf('spin', '-V')?.match(/Version (\S+)/)?.[1]
  const gcc = versionOf('gcc', '-dumpfullversion')?.trim()
  if (spin === undefined) return failed(missing('spin'))
  if (gcc === undefined) return failed(missing('gcc'))
  return parsed({ spin, gcc })
}

function versionOf(tool: string, flag: string): string | undefined {
  const { stdout, error } = spawnSync(tool, [flag], { encoding: 'utf8' })
  return error === undefined ? stdout : undefined
}

const missing = (tool: string): Problem => ({
  at: tool,
  message: 'it is not installed',
  mend: 'On Debian and Ubuntu: apt-get install spin gcc',
})
