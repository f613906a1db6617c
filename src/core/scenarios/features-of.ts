import { type Features, NO_FEATURES, threadsIn } from '../machine/features.ts'
import type { GpuSizes } from '../machine/gpu.ts'
import type { KvmSizes } from '../machine/kvm.ts'
import type { MirrorSizes } from '../machine/mirror.ts'
import { type AddressSpace, addressSpaceOf } from './address-space.ts'
import { threadCount } from './check-consumers.ts'
import { type ConsumerSpec, type CpuAction, type KvmSpec, LIMITS, type Scenario } from './scenario.ts'

/** What each action needs of the machine. Actions that are not named need nothing. */
const NEEDS: Partial<Record<CpuAction['do'], Partial<Features>>> = {
  mprotect: { protection: true, softPtes: true, denials: true },
  'clear-refs': { denials: true },
  'numa-hint': { softPtes: true },
  age: { accessed: true },
  'madvise-free': { cleanPages: true },
  mremap: { sharers: 2, reverseMaps: true },
  truncate: { reverseMaps: true },
  'driver-free': { reverseMaps: true },
  writeback: { softPtes: true, batchedFlush: true, folios: true },
  reclaim: { softPtes: true, batchedFlush: true, folios: true },
  migrate: { softPtes: true, batchedFlush: true, folios: true },
  fork: { copyOnWrite: true, forks: true },
  'ksm-merge': { copyOnWrite: true },
  'uffd-move': { sharers: 2, softPtes: true, batchedFlush: true, folios: true },
  uprobe: { copyOnWrite: true },
  await: { observations: true },
  'uffd-unprotect': { copyOnWrite: true, userfaultfd: true },
  collapse: { huge: true },
  retract: { retracts: true, reverseMaps: true },
  'thp-split': { huge: true },
  'gup-fast': { gupFast: true },
  'switch-mm': { switching: true },
}

/** What a scenario needs of the machine beyond what all have. `threadLengths`: programs of the threads of each consumer, once they are written. */
export function featuresOf(scenario: Scenario, threadLengths: readonly (readonly number[])[] = []): Features {
  const { accounts = [], cpus, memory } = scenario
  const merges = cpus.flatMap(cpu => cpu.script).filter(action => action.do === 'ksm-merge').length
  // Of two pages that are merged, each may be shared.
  const sharers = (1 + memory.regions.filter(r => r.sharesWith !== undefined).length) * (1 + merges)
  const needs: Partial<Features>[] = [
    ...cpus.flatMap(cpu => cpu.script.map(action => NEEDS[action.do] ?? {})),
    {
      promises: accounts.includes('promises'),
      contents: accounts.includes('contents'),
      observations: accounts.includes('order'),
    },
    { copyOnWrite: memory.regions.some(r => r.kind === 'anon' && r.sharesWith !== undefined) },
    { tableMoves: cpus.some(cpu => cpu.script.some(action => action.do === 'mremap' && action.wholeTables === true)) },
    memory.zeroPage === true ? { zeroPage: true, copyOnWrite: true } : {},
    { stackGrowth: memory.regions.some(r => r.growsDown === true) },
    {
      ats: scenario.devices.some(d => d.ats !== undefined),
      atcTimeouts: scenario.devices.some(d => d.ats?.timesOut === true),
    },
    { prq: scenario.iommu.pageRequests?.queue ?? 0, pasids: scenario.iommu.pasids !== undefined },
    sharers === 1 ? {} : { sharers, references: sharers },
    { huge: memory.regions.some(r => r.huge === true) },
    pinning(scenario),
    { generations: accounts.includes('generations'), accessed: accounts.includes('accessed') },
  ]
  const shares = memory.regions.some(r => r.sharesTable !== undefined)
  const plain: Features = {
    ...needs.reduce<Features>(both, NO_FEATURES),
    sharedTables: shares ? sharedPages(addressSpaceOf(memory.regions)) : NO_FEATURES.sharedTables,
  }
  const flushes = plain.switching || plain.generations ? mostFlushes(scenario) : 0
  // Each CPU can hold a reference to the page that it is replacing, or that it has found in GUP-fast.
  const grabs = cpus.filter(cpu => cpu.script.some(action => action.do === 'gup-fast')).length
  const held = (plain.copyOnWrite ? cpus.length : 0) + grabs
  const features = { ...plain, flushes, references: plain.references + held }
  const consumers = scenario.consumers ?? []
  if (consumers.length === 0) return features
  const sizes = consumers.map((spec, i) => ({
    spec,
    threads: Array.from({ length: threadCount(spec) }, (_, t) => threadLengths[i]?.[t] ?? 1),
  }))
  const ends = mostEnds(scenario)
  const all = {
    ...features,
    kvms: sizes.flatMap(({ spec, threads }) =>
      spec.kind === 'kvm' ? [kvmSizes(spec, threads, ends, changesMemslots(scenario, spec.name))] : [],
    ),
    mirrors: sizes.flatMap(({ spec, threads }): MirrorSizes[] =>
      spec.kind === 'hmm' || spec.kind === 'odp'
        ? [{ threads, changes: spec.script.some(a => a.do === 'insert' || a.do === 'remove'), ends }]
        : [],
    ),
    gpus: sizes.flatMap(({ spec, threads }): GpuSizes[] =>
      spec.kind === 'gpu' ? [{ threads, userptr: spec.userptr === true }] : [],
    ),
    comingSubscribers: subscribersCome(scenario) ? consumers.length : 0,
    refusals: consumers.some(mayRefuse) && cpus.some(cpu => cpu.script.some(action => action.do === 'oom-reap')),
  }
  // Each of their threads can hold a reference to the page that it has found.
  return { ...all, references: features.references + threadsIn(all) }
}

/** GUP-fast that pins, and how many regions a fork copies beside it. */
function pinning({ cpus, memory }: Scenario): Partial<Features> {
  const actions = cpus.flatMap(cpu => cpu.script)
  if (!actions.some(action => action.do === 'gup-fast' && action.pin === true)) return {}
  const copied = memory.regions.filter(r => r.mm === 'child').length
  return { pins: true, ...(actions.some(action => action.do === 'fork') ? { forkRegions: copied } : {}) }
}

/** Somebody registers, unregisters or puts a subscriber in a script. */
export const subscriberComes = ({ cpus }: Scenario, name: string): boolean =>
  cpus.some(cpu => cpu.script.some(action => action.do === 'register' && action.subscriber === name))
const COMINGS: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>(['register', 'unregister', 'put'])
const subscribersCome = ({ cpus }: Scenario): boolean =>
  cpus.some(cpu => cpu.script.some(({ do: d }) => COMINGS.has(d)))
/** Some are freed after a grace period. */
export const subscribersArePut = ({ cpus }: Scenario): boolean =>
  cpus.some(cpu => cpu.script.some(action => action.do === 'put'))

/** Its start() may answer -EAGAIN. */
const mayRefuse = (spec: ConsumerSpec): boolean =>
  spec.kind === 'hmm' || spec.kind === 'odp' || (spec.kind === 'gpu' && spec.userptr === true)

/** By page: the page whose PTE it has, because their regions share a page table. */
const sharedPages = ({ regions, facts, regionOf }: AddressSpace): number[] =>
  regionOf.map((i, page) => {
    const owner = facts[regions.findIndex(r => r.name === regions[i]?.sharesTable)]
    return owner === undefined ? page : owner.first + page - (facts[i]?.first ?? 0)
  })

/** Invalidations that a run can make: no action tells of more than each page by itself and all together. */
function mostEnds({ cpus, memory }: Scenario): number {
  const actions = cpus.reduce((sum, cpu) => sum + cpu.script.length, 0)
  const pages = memory.regions.reduce((sum, region) => sum + region.pages, 0)
  return actions * (pages + 1)
}

/** Memslots of the VM go, or come. */
export const changesMemslots = ({ cpus }: Scenario, vm: string): boolean =>
  cpus.some(cpu => cpu.script.some(action => action.do === 'memslot' && action.vm === vm))

/** Flushes of CPUs that a run can ask for: no action needs more than two for each page and some for all, and no access more than its faults. */
const mostFlushes = ({ cpus, devices, memory, consumers = [] }: Scenario): number => {
  const theirs = consumers.reduce((sum, spec) => sum + threadCount(spec) * LIMITS.scriptLength, 0)
  const actions = [...cpus, ...devices].reduce((sum, { script }) => sum + script.length, theirs)
  const pages = memory.regions.reduce((sum, region) => sum + region.pages, 0)
  // Twice that: an access faults again when somebody has taken away meanwhile what its fault gave.
  return 4 * actions * (pages + 2)
}

const kvmSizes = (
  { memslots, vcpus, pfnCache, apicPage }: KvmSpec,
  threads: readonly number[],
  ends: number,
  changes: boolean,
): KvmSizes => ({
  slots: changes ? memslots.length : 0,
  threads,
  vcpus: vcpus.length,
  cache: pfnCache !== undefined,
  apic: apicPage !== undefined,
  ends,
})

/** Whatever either of them needs. */
function both(a: Features, b: Partial<Features>): Features {
  const more = Object.entries(b).map(([name, value]) => {
    const before = a[name as keyof Features]
    return [name, typeof value === 'number' ? Math.max(value, Number(before)) : value === true || before === true]
  })
  return { ...a, ...Object.fromEntries(more) }
}
