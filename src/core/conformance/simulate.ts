import { add, copyOf } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import type { Policy } from '../policy/policy.ts'
import { presetOf } from '../policy/presets.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { type Circumstances, NOTHING_BESIDES } from '../scenarios/initial-state.ts'
import type { CpuAction, Region, Scenario } from '../scenarios/scenario.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import { TABLE_SPAN } from '../trace/tables.ts'
import { asVpn, hexAddr, type PageRange, type Vpn } from '../units.ts'
import { withDelayedRmaps } from './delayed-rmap.ts'
import { withHugePages } from './huge-pages.ts'
import { NOT_YET, type Simulate, type SimulatedStep } from './simulated.ts'

/** Steps that an operation of a million pages cannot need; past it something is wrong with us. */
const MOST_STEPS = 4_000_000
/** Pages of address space that are modelled one by one: 1 GiB. */
const MOST_PAGES = 2 ** 18

/**
 * Builds a machine after the description of a recorded operation and runs the operation in it, alone and to its end. Only what
 * the description calls a cause goes in: ranges, pages, tables, neighbours, CPUs, other tasks' gathers.
 *
 * Simplified: huge pages as in huge-pages.ts; a consumer is subscribed that caches nothing.
 */
export const simulate: Simulate = operation => {
  const why = whyNot(operation)
  if (why !== null) return { why }
  const preset = presetOf(operation.kernel === '6.12' ? '6.6' : '6.1', 'x86', 'notifier')
  const policy: Policy = { ...preset, tableFree: operation.tablesFreedBy === 'rcu' ? 'rcu' : 'with-pages' }
  const lab = buildLab(scenarioOf(operation), policy, { ...NOTHING_BESIDES, emptyTables: tablesThere(operation) })
  const steps = withHugePages(runAlone(lab, operation), operation, policy.batchFreeOrder)
  if (operation.kernel !== '6.12') return steps
  const filePages = new Set<number>(operation.pages.filter(p => p.dirtyFile).map(p => p.vpn))
  return withDelayedRmaps(steps, vpn => filePages.has(vpn))
}

/** Circumstances that the machine cannot be brought into; null when there are none. */
function whyNot(operation: RecordedOperation): string | null {
  if (!['munmap', 'brk', 'madvise'].includes(operation.name)) return NOT_YET
  const pages = operation.vmas.reduce((sum, v) => sum + v.end - v.start, 0)
  if (pages > MOST_PAGES)
    return `it is about ${pages} pages of address space, and no more than ${MOST_PAGES} are simulated`
  if (operation.pagesKnown === 'unknown')
    return 'nothing in the recording tells which pages were mapped (reports at start(), faults, probes on single pages, frees)'
  if (operation.splitsHugePage)
    return 'it splits a huge page of which it covers only a part, and splitting is not simulated'
  return null
}

/** All tables known to have been there, so that those with nothing mapped under them are there too. */
function tablesThere(operation: RecordedOperation): Circumstances['emptyTables'] {
  return operation.tables.present.flatMap(({ level, vpn }) => {
    const vma = operation.vmas.find(v => v.start < vpn + TABLE_SPAN[level] && v.end > vpn)
    return vma === undefined ? [] : [{ level, vpn: asVpn(Math.max(vma.start, vpn)) }]
  })
}

const BUF = 'buf'

function scenarioOf(operation: RecordedOperation): Scenario {
  const regions = [...mappedRegions(operation), ...neighbours(operation)]
  const pages = regions.reduce((sum, r) => sum + r.pages, 0)
  return {
    format: 1,
    id: 'recorded',
    title: 'A recorded operation',
    purpose: '',
    lookFor: '',
    bugs: [],
    memory: { frames: pages + Math.ceil(pages / 512) * 3 + 16, regions },
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: [actionOf(operation, regions)] },
      ...operation.otherCpus.map(other => ({
        task: 'app' as const,
        tlb: 0,
        walkCache: 0,
        lazy: other.state === 'lazy',
        script: [],
      })),
    ],
    // A subscriber that caches nothing: what is compared is when it is told.
    devices: [{ name: 'subscriber', script: [] }],
    iommu: { iotlb: 0, walkCache: 0, queue: 2 },
    batchSize: operation.gather.onStack + operation.gather.perBatch * operation.gather.batches,
    switches: {},
    breaks: [],
  }
}

/** One region a VMA. What was mapped in it when the call came is taken from the recording. */
function mappedRegions(operation: RecordedOperation): Region[] {
  if (operation.vmas.length === 0) return [nothingMapped(operation.range)]
  return operation.vmas.map((vma, i) => {
    const own = operation.pages.filter(p => p.vpn >= vma.start && p.vpn < vma.end)
    return {
      name: `${BUF}${i}`,
      at: hexAddr(vma.start),
      pages: vma.end - vma.start,
      kind: own.some(p => p.dirtyFile) ? 'file' : 'anon',
      protection: 'rw',
      present: own.map(p => p.vpn - vma.start),
      pinned: own.filter(p => p.otherReferences > 0 && !p.dirtyFile && p.partOf === null).map(p => p.vpn - vma.start),
    }
  })
}

const nothingMapped = (range: PageRange): Region => ({
  name: `${BUF}0`,
  at: hexAddr(range.start),
  pages: range.end - range.start,
  kind: 'anon',
  protection: 'rw',
  present: 'none',
  unmapped: true,
})

/** The mappings on either side, which decide what page tables stay and whether the mmap lock may be downgraded. */
function neighbours(operation: RecordedOperation): Region[] {
  const { bounds } = operation.tables
  const floor = Math.min(...bounds.map(b => b.floor))
  const ceiling = Math.max(...bounds.map(b => b.ceiling))
  const found: Region[] = []
  const page = (name: string, vpn: number, growsDown: boolean): void => {
    found.push({ name, at: hexAddr(vpn as Vpn), pages: 1, kind: 'anon', protection: 'rw', present: 'none', growsDown })
  }
  const inside = (vpn: number): boolean => operation.vmas.some(v => vpn >= v.start && vpn < v.end)
  if (Number.isFinite(floor) && floor > 0 && !inside(floor - 1)) page('below', floor - 1, false)
  if (Number.isFinite(ceiling) && ceiling > 0 && !inside(ceiling)) page('above', ceiling, !operation.mayDowngrade)
  return found
}

function actionOf(operation: RecordedOperation, regions: readonly Region[]): CpuAction {
  const own = regions.filter(r => r.name.startsWith(BUF))
  const pages = operation.name === 'madvise' && operation.vmas.length === 0 ? 0 : own.reduce((n, r) => n + r.pages, 0)
  const where = { region: `${BUF}0`, first: 0, pages }
  return { do: operation.name === 'munmap' || operation.name === 'brk' ? operation.name : 'madvise-dontneed', ...where }
}

/** The task goes on until it must wait; then whoever it waits for moves. Grace periods end after everything else. */
function runAlone(lab: Lab, operation: RecordedOperation): SimulatedStep[] {
  const m = copyOf(lab.initial)
  const steps: SimulatedStep[] = []
  const cpuOf = (index: number): number =>
    index === 0 ? operation.cpu : (operation.otherCpus[index - 1]?.cpu ?? index)
  let gathers = 0
  for (let i = 0; i < MOST_STEPS; i++) {
    const actor = lab.actors.find(a => a.ready(m) > 0)
    if (actor === undefined) return steps
    const events: SimEvent[] = []
    actor.step(m, 0, event => events.push(asOnMachine(event, cpuOf)))
    for (const event of events) {
      if (event.type === 'gather-started') add(m, lab.setup.shape.flushPending, 0, operation.nested[gathers] ? 1 : 0)
      else if (event.type === 'tlb-finish-started')
        add(m, lab.setup.shape.flushPending, 0, operation.nested[gathers++] ? -1 : 0)
    }
    const cpu = actor.kind === 'interrupt' ? interruptedCpu(events, cpuOf) : cpuOf(0)
    steps.push({ cpu, events })
  }
  return steps
}

const interruptedCpu = (events: readonly SimEvent[], cpuOf: (i: number) => number): number => {
  const flushed = events.find(e => e.type === 'cpu-tlb-flushed')
  return flushed?.type === 'cpu-tlb-flushed' ? flushed.cpu : cpuOf(0)
}

/** CPU numbers of the recording. */
function asOnMachine(event: SimEvent, cpuOf: (index: number) => number): SimEvent {
  switch (event.type) {
    case 'ipi-sent':
      return { ...event, to: event.to.map(cpuOf), skipped: event.skipped.map(cpuOf) }
    case 'cpu-tlb-flushed':
      return { ...event, cpu: cpuOf(event.cpu), from: cpuOf(event.from) }
    default:
      return event
  }
}
