import { type Features, NO_FEATURES, threadsIn } from '../machine/features.ts'
import type { KvmSizes } from '../machine/kvm.ts'
import { type AddressSpace, addressSpaceOf } from './address-space.ts'
import type { ConsumerSpec, CpuAction, Scenario } from './scenario.ts'

/** What each action needs of the machine. Actions that are not named need nothing. */
const NEEDS: Partial<Record<CpuAction['do'], Partial<Features>>> = {
  mprotect: { protection: true, softPtes: true, denials: true },
  'clear-refs': { denials: true },
  'numa-hint': { softPtes: true },
  'madvise-free': { cleanPages: true },
  mremap: { sharers: 2, reverseMaps: true },
  truncate: { reverseMaps: true },
  'driver-free': { reverseMaps: true },
  reclaim: { softPtes: true, batchedFlush: true, folios: true },
  migrate: { softPtes: true, batchedFlush: true, folios: true },
  fork: { copyOnWrite: true, forks: true },
  'ksm-merge': { copyOnWrite: true },
  await: { observations: true },
  'uffd-unprotect': { copyOnWrite: true, userfaultfd: true },
  collapse: { huge: true },
  retract: { retracts: true, reverseMaps: true },
  'thp-split': { huge: true },
  'gup-fast': { gupFast: true },
  'switch-mm': { switching: true },
}

/** What a scenario needs of the machine beyond what all have. `threadLengths`: programs of the threads of each VM, once they are written. */
export function featuresOf(scenario: Scenario, threadLengths: readonly (readonly number[])[] = []): Features {
  const { accounts = [], cpus, memory } = scenario
  const merges = cpus.flatMap(cpu => cpu.script).filter(action => action.do === 'ksm-merge').length
  const shared = memory.regions.filter(r => r.sharesWith !== undefined).length + merges
  const needs: Partial<Features>[] = [
    ...cpus.flatMap(cpu => cpu.script.map(action => NEEDS[action.do] ?? {})),
    {
      promises: accounts.includes('promises'),
      contents: accounts.includes('contents'),
      observations: accounts.includes('order'),
    },
    { copyOnWrite: memory.regions.some(r => r.kind === 'anon' && r.sharesWith !== undefined) },
    { tableMoves: cpus.some(cpu => cpu.script.some(action => action.do === 'mremap' && action.wholeTables === true)) },
    { stackGrowth: memory.regions.some(r => r.growsDown === true) },
    { ats: scenario.devices.some(d => d.ats !== undefined) },
    shared === 0 ? {} : { sharers: 1 + shared, references: 1 + shared },
    { huge: memory.regions.some(r => r.huge === true) },
  ]
  const shares = memory.regions.some(r => r.sharesTable !== undefined)
  const plain: Features = {
    ...needs.reduce<Features>(both, NO_FEATURES),
    sharedTables: shares ? sharedPages(addressSpaceOf(memory.regions)) : NO_FEATURES.sharedTables,
  }
  // Each CPU can hold a reference to the page that it is replacing, or that it has found in GUP-fast.
  const grabs = cpus.filter(cpu => cpu.script.some(action => action.do === 'gup-fast')).length
  const held = (plain.copyOnWrite ? cpus.length : 0) + grabs
  const features = { ...plain, references: plain.references + held }
  const vms = (scenario.consumers ?? []).filter(c => c.kind === 'kvm')
  if (vms.length === 0) return features
  const kvms = vms.map((vm, i) => kvmSizes(vm, scenario, threadLengths[i] ?? []))
  // Each of its threads can hold a reference to the page that it has found.
  return { ...features, references: features.references + threadsIn({ ...features, kvms }), kvms }
}

/** By page: the page whose PTE it has, because their regions share a page table. */
const sharedPages = ({ regions, facts, regionOf }: AddressSpace): number[] =>
  regionOf.map((i, page) => {
    const owner = facts[regions.findIndex(r => r.name === regions[i]?.sharesTable)]
    return owner === undefined ? page : owner.first + page - (facts[i]?.first ?? 0)
  })

function kvmSizes(vm: ConsumerSpec, { cpus, memory }: Scenario, lengths: readonly number[]): KvmSizes {
  const cache = vm.pfnCache !== undefined
  const actions = cpus.reduce((sum, cpu) => sum + cpu.script.length, 0)
  const pages = memory.regions.reduce((sum, region) => sum + region.pages, 0)
  return {
    threads: Array.from({ length: vm.vcpus.length + (cache ? 1 : 0) }, (_, i) => lengths[i] ?? 1),
    vcpus: vm.vcpus.length,
    cache,
    apic: vm.apicPage !== undefined,
    // No action tells of more than each page by itself and all together.
    ends: actions * (pages + 1),
  }
}

/** Whatever either of them needs. */
function both(a: Features, b: Partial<Features>): Features {
  const more = Object.entries(b).map(([name, value]) => {
    const before = a[name as keyof Features]
    return [name, typeof value === 'number' ? Math.max(value, Number(before)) : value === true || before === true]
  })
  return { ...a, ...Object.fromEntries(more) }
}
