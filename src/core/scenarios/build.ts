import { known } from '../base/assert.ts'
import type { Consumer, ConsumerThread } from '../consumers/consumer.ts'
import { atcActor } from '../device/atc-actor.ts'
import { atsDeviceActor } from '../device/ats-device.ts'
import { type DeviceAccess, deviceActor } from '../device/device.ts'
import { iommuActor } from '../device/iommu-actor.ts'
import { priDeviceActor } from '../device/pri-device.ts'
import { cpuActor, programActor } from '../kernel/cpu-actor.ts'
import { FAULT_PROGRAM_LENGTH, faultWorkerActor } from '../kernel/fault-worker.ts'
import { flushInterruptActor } from '../kernel/flush-interrupt.ts'
import { waitForFork } from '../kernel/fork.ts'
import { IOPF_PROGRAM_LENGTH, iopfWorkerActor } from '../kernel/iopf-worker.ts'
import { prqThreadActor } from '../kernel/prq-thread.ts'
import { rcuActor } from '../kernel/rcu-actor.ts'
import { srcuActor } from '../kernel/srcu-actor.ts'
import { startBindings } from '../kernel/sva.ts'
import { taskOn } from '../kernel/task.ts'
import { hasAtc } from '../machine/ats.ts'
import type { Machine } from '../machine/cells.ts'
import type { Features } from '../machine/features.ts'
import { ptePlaceOf } from '../machine/huge-page.ts'
import { hasPrq } from '../machine/page-requests.ts'
import { hasPasids } from '../machine/pasids.ts'
import { resourcesOf } from '../machine/resources.ts'
import { type Setup, setupPfnBits } from '../machine/setup.ts'
import { type Shape, shapeOf } from '../machine/shape.ts'
import { LISTED, setListed } from '../machine/subscriptions.ts'
import type { Policy } from '../policy/policy.ts'
import type { Actor } from '../threads/actor.ts'
import { withoutPoints } from '../threads/omission.ts'
import { type Program, ProgramBuilder } from '../threads/program.ts'
import { asPfn, type Vpn } from '../units.ts'
import { pagesOf, writeAction } from './actions.ts'
import { type AddressSpace, addressSpaceOf, MM_NAMES } from './address-space.ts'
import { threadCount } from './check-consumers.ts'
import { consumersFor } from './consumers.ts'
import { featuresOf, subscriberComes, subscribersArePut } from './features-of.ts'
import { type Circumstances, FramePlan, initialMachine, NOTHING_BESIDES } from './initial-state.ts'
import { mostFrames } from './most-frames.ts'
import { objectsOf } from './objects.ts'
import { bindsLater, tagsOf } from './pasids.ts'
import type { CpuAction, Scenario } from './scenario.ts'

/** A scenario made ready to run under one policy: who can move, and the state they start from. */
export interface Lab {
  readonly scenario: Scenario
  readonly setup: Setup
  readonly actors: readonly Actor[]
  /** By CPU, then by thread of a consumer. */
  readonly programs: readonly Program[]
  /** By program: the actor that runs it. */
  readonly runners: readonly number[]
  readonly initial: Machine
}

/**
 * Builds a scenario that has been checked (check.ts): sizes fit, names resolve. `without`: points of its programs to leave out
 * (threads/omission.ts); the state is laid out as if nothing were.
 */
export function buildLab(
  scenario: Scenario,
  policy: Policy,
  besides: Circumstances = NOTHING_BESIDES,
  without: readonly string[] = [],
): Lab {
  const space = addressSpaceOf(scenario.memory.regions)
  // The state must have room for the place in each program, and programs are written against the layout of the state. Their
  // length does not depend on it, so a first writing measures them.
  const stub = setupOf(scenario, policy, space, [], new FramePlan(scenario.memory.frames), besides)
  const lengths = programsOf(scenario, stub).map(p => p.ops.length)
  const frames = new FramePlan(scenario.memory.frames)
  const setup = setupOf(scenario, policy, space, lengths, frames, besides)
  const programs = withoutPoints(programsOf(scenario, setup), without)
  const actors = actorsOf(setup, scenario, programs)
  const cpus = setup.cpus.length
  const initial = initialMachine(setup, space, frames, besides)
  if (hasPasids(setup)) startBindings(setup, initial, mm => bindsLater(scenario, mm))
  for (const [i, consumer] of setup.consumers.entries()) {
    consumer.begin?.(initial)
    if (subscriberComes(scenario, consumer.name)) setListed(setup.shape, initial, i, LISTED.notYet)
  }
  return {
    scenario,
    setup,
    programs,
    runners: programs.map((_, i) => (i < cpus ? i : actors.length - programs.length + i)),
    actors,
    initial,
  }
}

function programsOf(scenario: Scenario, setup: Setup): Program[] {
  const tasks = scenario.cpus.map((cpu, i) => (asm: ProgramBuilder): void => {
    if (cpu.task === 'child' && setup.shape.sizes.features.forks) waitForFork(taskOn(setup, asm, i))
    for (const action of cpu.script) writeAction(taskOn(setup, asm, i), action)
  })
  return [...tasks, ...threadsOf(setup).map(({ write }) => write)].map(write => {
    const asm = new ProgramBuilder()
    write(asm)
    return asm.build()
  })
}

function setupOf(
  scenario: Scenario,
  policy: Policy,
  space: AddressSpace,
  lengths: readonly number[],
  frames: FramePlan,
  besides: Circumstances,
): Setup {
  const { vpns, labels, regionOf, facts } = space
  const bound = scenario.devices.length > 0
  const written = featuresOf(scenario, threadLengths(scenario, lengths))
  const features = {
    ...written,
    cleanPages: written.cleanPages || besides.lazilyFreed.length > 0,
    batchedFlush: written.batchedFlush || besides.flushPutOff,
  }
  const shape = shapeOf({
    frames: scenario.memory.frames,
    pages: vpns,
    mmEnds: space.mms.map(mm => mm.end),
    regions: facts.length,
    cpus: scenario.cpus.map((cpu, i) => ({
      tlb: cpu.tlb,
      walkCache: cpu.walkCache,
      programLength: lengths[i] ?? 1,
    })),
    devices: scenario.devices.map(d => ({
      actions: d.script.length,
      atc: d.ats?.atc ?? 0,
      group: d.asksFor ?? 1,
      timesOut: d.ats?.timesOut === true,
    })),
    iotlb: scenario.iommu.iotlb,
    iommuWalkCache: scenario.iommu.walkCache,
    queue: scenario.iommu.queue,
    gather: mostGathered(scenario, vpns),
    faultProgramLength: features.prq > 0 ? IOPF_PROGRAM_LENGTH : FAULT_PROGRAM_LENGTH,
    rcu: freesByRcu(policy, features) ? scenario.memory.frames : 0,
    features,
  })
  const consumers: Consumer[] = []
  const setup: Setup = {
    shape,
    resources: resourcesOf(shape),
    policy,
    pfnBits: setupPfnBits(scenario.memory.frames),
    vpns,
    labels,
    regionOf,
    objectOf: objectsOf(scenario, space),
    ...tagsOf(scenario, space, shape),
    requestsMayFail: scenario.iommu.pageRequests?.mayFail === true,
    mms: space.mms,
    regions: facts,
    cpus: scenario.cpus.map((cpu, i) => ({
      name: `CPU ${i}`,
      task: cpu.task,
      mm: MM_NAMES.indexOf(cpu.task),
      lazy: cpu.lazy === true,
      reachesAll: cpu.task === 'kernel' || cpu.script.some(action => THROUGH_RMAP.has(action.do)),
    })),
    devices: scenario.devices.map(d => ({ name: d.name })),
    batchSize: scenario.batchSize,
    tableBatch: scenario.tableBatch ?? Number.POSITIVE_INFINITY,
    forgedTarget: asPfn(0),
    fileFrame: fileFramesOf(space, frames),
    zeroFrame: scenario.memory.zeroPage === true ? frames.take() : -1,
    hugeFiles: hugeFilesOf(scenario, space, shape),
    consumers,
    bound,
    subscribed: bound && policy.configMmuNotifier,
    // A thread of a consumer may keep a frame for as long as it likes.
    enoughFrames:
      scenario.consumers === undefined &&
      !shape.sizes.features.copyOnWrite &&
      mostFrames(scenario, space) <= scenario.memory.frames,
  }
  // What they do is written in terms of the whole setup, themselves in it.
  consumers.push(...consumersFor(scenario, setup))
  return setup
}

/** Those who run the code of consumers, in the order of their programs. */
const threadsOf = (s: Setup): readonly ConsumerThread[] => s.consumers.flatMap(c => c.threads)

/** By consumer: lengths of the programs of its threads, which come after those of the CPUs. */
function threadLengths({ cpus, consumers = [] }: Scenario, lengths: readonly number[]): number[][] {
  let at = cpus.length
  return consumers.map(c => {
    const count = threadCount(c)
    at += count
    return lengths.slice(at - count, at)
  })
}

/** By page: the page-cache frame. Regions that share a file share its frames. */
function fileFramesOf({ regions, facts, regionOf }: AddressSpace, frames: FramePlan): number[] {
  const taken: number[] = []
  for (const [page, i] of regionOf.entries()) {
    const region = known(regions[i], 'region')
    const theirs = facts[regions.findIndex(r => r.name === region.sharesWith)]?.first
    const at = page - (facts[i]?.first ?? 0)
    const shared = theirs === undefined ? undefined : taken[theirs + at]
    taken.push(region.kind === 'anon' || region.kind === 'kernel' ? -1 : (shared ?? frames.take()))
  }
  return taken
}

/** What a process does to its own pages, and so to whoever maps them too. */
const THROUGH_RMAP: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'reclaim',
  'writeback',
  'migrate',
  'truncate',
  'driver-free',
  'retract',
])

/** CPUs that somebody else may ask to flush: of their own mm, or one that changes page tables of others. */
export const interruptedCpus = ({ cpus }: Setup): number[] =>
  cpus.flatMap((cpu, i) =>
    cpu.mm >= 0 && cpus.some((other, o) => o !== i && (other.mm === cpu.mm || other.reachesAll)) ? [i] : [],
  )

/** Pages and page tables that a gather can come to hold. A huge page is queued whole, however little room there is. */
function mostGathered({ batchSize, memory: { regions }, cpus }: Scenario, vpns: readonly Vpn[]): number {
  const huge =
    regions.some(r => r.huge === true) || cpus.some(cpu => cpu.script.some(action => action.do === 'collapse'))
  return (huge ? vpns.length : Math.min(batchSize, vpns.length)) + mostTables(vpns)
}

/** Some page tables wait for a grace period. */
const freesByRcu = (policy: Policy, features: Features): boolean =>
  policy.tableFree === 'rcu' || ((features.huge || features.retracts) && policy.collapseTableFree === 'rcu')

/** Places of file regions that the page cache holds as a huge page: those written as huge, and those that are collapsed. */
function hugeFilesOf({ cpus }: Scenario, { regions, facts }: AddressSpace, shape: Shape): number[] {
  const collapsed = new Set(cpus.flatMap(cpu => cpu.script.flatMap(a => (a.do === 'collapse' ? [a.region] : []))))
  return regions.flatMap((region, i) =>
    region.kind === 'file' && (region.huge === true || collapsed.has(region.name))
      ? [ptePlaceOf(shape, known(facts[i], 'region').first).id]
      : [],
  )
}

/** Tables below the PGD that pages at these addresses can need. */
function mostTables(vpns: readonly Vpn[]): number {
  const tables = (pages: number): number => new Set(vpns.map(v => Math.floor(v / pages))).size
  return tables(512) + tables(512 ** 2) + tables(512 ** 3)
}

/** By device: its accesses. */
export const deviceScripts = (s: Setup, scenario: Scenario): DeviceAccess[][] =>
  scenario.devices.map(d => d.script.map(a => ({ write: a.do === 'write', pages: pagesOf(s, a.page) })))

/** CPUs first, then what answers to them: the order in which moves are offered and schedules are written. */
function actorsOf(s: Setup, scenario: Scenario, programs: readonly Program[]): Actor[] {
  const actors: Actor[] = []
  const add = (make: (id: number) => Actor): number => actors.push(make(actors.length))
  const scripts = deviceScripts(s, scenario)
  for (const cpu of s.cpus.keys()) add(id => cpuActor(s, id, cpu, known(programs[cpu], 'program')))
  for (const device of s.devices.keys()) {
    const script = known(scripts[device], 'script')
    add(id => {
      const plain = hasAtc(s, device) ? atsDeviceActor(s, id, device, script) : deviceActor(s, id, device, script)
      return hasPrq(s) ? priDeviceActor(s, plain, device, script) : plain
    })
  }
  if (s.bound) {
    add(id => iommuActor(s, id))
    add(id => (hasPrq(s) ? iopfWorkerActor(s, id) : faultWorkerActor(s, id, scripts)))
    if (hasPrq(s)) add(id => prqThreadActor(s, id))
  }
  for (const device of s.devices.keys()) if (hasAtc(s, device)) add(id => atcActor(s, id, device))
  for (const cpu of interruptedCpus(s)) add(id => flushInterruptActor(s, id, cpu))
  if (freesByRcu(s.policy, s.shape.sizes.features)) add(id => rcuActor(s, id))
  if (subscribersArePut(scenario)) add(id => srcuActor(s, id))
  for (const [i, thread] of threadsOf(s).entries())
    add(id => programActor({ id, lane: thread.name, ...thread }, known(programs[s.cpus.length + i], 'program')))
  return actors
}
