import { known } from '../base/assert.ts'
import { type DeviceAccess, deviceActor, ROOT } from '../device/device.ts'
import { iommuActor } from '../device/iommu-actor.ts'
import { cpuActor } from '../kernel/cpu-actor.ts'
import { FAULT_PROGRAM_LENGTH, faultWorkerActor } from '../kernel/fault-worker.ts'
import { flushInterruptActor } from '../kernel/flush-interrupt.ts'
import { rcuActor } from '../kernel/rcu-actor.ts'
import { taskOn } from '../kernel/task.ts'
import { type Machine, newMachine, set } from '../machine/cells.ts'
import { mkPte } from '../machine/page-table.ts'
import { type RegionFacts, type Setup, setupPfnBits, USE } from '../machine/setup.ts'
import { type Shape, type Sizes, shapeOf } from '../machine/shape.ts'
import type { Policy } from '../policy/policy.ts'
import type { Actor } from '../threads/actor.ts'
import { type Program, ProgramBuilder } from '../threads/program.ts'
import { asPfn, asVpn, type Vpn } from '../units.ts'
import { pagesOf, writeAction } from './actions.ts'
import type { Region, Scenario } from './scenario.ts'

/** A scenario made ready to run under one policy: who can move, and the state they start from. */
export interface Lab {
  readonly scenario: Scenario
  readonly setup: Setup
  readonly actors: readonly Actor[]
  readonly programs: readonly Program[]
  readonly initial: Machine
}

/** Frames the kernel keeps for itself; the first is the one that forged PTEs name. */
const RESERVED = 1

/** Builds a scenario that has been checked (check.ts): sizes fit, names resolve. */
export function buildLab(scenario: Scenario, policy: Policy): Lab {
  const regions = [...scenario.memory.regions].sort((a, b) => Number(BigInt(a.at) - BigInt(b.at)))
  const vpns: Vpn[] = []
  const labels: string[] = []
  const regionOf: number[] = []
  const facts: RegionFacts[] = regions.map((region, i) => {
    const first = vpns.length
    const base = Number(BigInt(region.at) >> 12n)
    for (let page = 0; page < region.pages; page++) {
      vpns.push(asVpn(base + page))
      labels.push(`${region.name}[${page}]`)
      regionOf.push(i)
    }
    return {
      name: region.name,
      kind: region.kind,
      writable: region.protection === 'rw',
      growsDown: region.growsDown === true,
      first,
      end: vpns.length,
    }
  })
  // A program's length depends on the shape of the page tables only, so a first build with a stand-in length measures it.
  const measured = assemble(
    scenario,
    policy,
    regions,
    facts,
    vpns,
    labels,
    regionOf,
    scenario.cpus.map(() => 1),
  )
  const lengths = measured.programs.map(p => p.ops.length)
  return assemble(scenario, policy, regions, facts, vpns, labels, regionOf, lengths)
}

function assemble(
  scenario: Scenario,
  policy: Policy,
  regions: readonly Region[],
  facts: readonly RegionFacts[],
  vpns: readonly Vpn[],
  labels: readonly string[],
  regionOf: readonly number[],
  lengths: readonly number[],
): Lab {
  const sizes: Sizes = {
    frames: scenario.memory.frames,
    pages: vpns,
    regions: regions.length,
    cpus: scenario.cpus.map((cpu, i) => ({
      tlb: cpu.tlb,
      walkCache: cpu.walkCache,
      programLength: known(lengths[i], 'length'),
    })),
    devices: scenario.devices.map(d => ({ actions: d.script.length })),
    iotlb: scenario.iommu.iotlb,
    iommuWalkCache: scenario.iommu.walkCache,
    queue: scenario.iommu.queue,
    gather: Math.min(scenario.batchSize, vpns.length) + tableBound(vpns),
    faultProgramLength: FAULT_PROGRAM_LENGTH,
  }
  const shape = shapeOf(sizes)
  const bound = scenario.devices.length > 0
  const frames = new FramePlan(scenario.memory.frames)
  const fileFrame = vpns.map((_, page) => (facts[regionOf[page] ?? 0]?.kind === 'file' ? frames.take() : -1))
  const setup: Setup = {
    shape,
    policy,
    pfnBits: setupPfnBits(scenario.memory.frames),
    vpns,
    labels,
    regionOf,
    regions: facts,
    cpus: scenario.cpus.map((cpu, i) => ({ name: `CPU ${i}`, task: cpu.task, lazy: cpu.lazy === true })),
    devices: scenario.devices.map(d => ({ name: d.name })),
    batchSize: scenario.batchSize,
    forgedTarget: asPfn(0),
    fileFrame,
    bound,
    subscribed: bound && policy.configMmuNotifier,
  }
  const programs = scenario.cpus.map((cpu, i) => {
    const asm = new ProgramBuilder()
    for (const action of cpu.script) writeAction(taskOn(setup, asm, i), action)
    return asm.build()
  })
  const initial = initialMachine(setup, shape, regions, facts, frames)
  return { scenario, setup, actors: actorsOf(setup, scenario, programs), programs, initial }
}

/** Tables there can be: one per place, never more than what is mapped. */
const tableBound = (vpns: readonly Vpn[]): number => {
  const count = (pages: number): number => new Set(vpns.map(v => Math.floor(v / pages))).size
  return count(512) + count(512 ** 2) + count(512 ** 3)
}

/** Deals frames out, lowest first, as the run is set up. */
class FramePlan {
  private next = RESERVED
  private readonly frames: number
  constructor(frames: number) {
    this.frames = frames
  }
  take(): number {
    const pfn = this.next++
    if (pfn >= this.frames) throw new Error(`assertion failed: ${this.frames} frames are too few`)
    return pfn
  }
  /** Frames not dealt out, highest first, so that the lowest is handed out first. */
  rest(): number[] {
    const rest: number[] = []
    for (let pfn = this.frames - 1; pfn >= this.next; pfn--) rest.push(pfn)
    return rest
  }
}

function initialMachine(
  s: Setup,
  shape: Shape,
  regions: readonly Region[],
  facts: readonly RegionFacts[],
  frames: FramePlan,
): Machine {
  const m = newMachine(shape.words)
  const claim = (pfn: number, use: number, purpose: number, references: number): void => {
    set(m, shape.use, pfn, use)
    set(m, shape.purpose, pfn, purpose)
    set(m, shape.refcount, pfn, references)
  }
  claim(0, USE.reserved, 0, 1)
  s.fileFrame.forEach((pfn, page) => {
    if (pfn >= 0) claim(pfn, USE.file, page + 1, 1)
  })
  const tableOf = (place: number): void => {
    const pfn = frames.take()
    claim(pfn, USE.table, place + 1, 1)
    set(m, shape.table, place, pfn + 1)
  }
  tableOf(0)
  const placed = new Set([0])
  const mapped: number[] = []
  regions.forEach((region, i) => {
    const f = known(facts[i], 'region')
    for (let page = f.first; page < f.end; page++) if (region.unmapped !== true) set(m, shape.vma, page, i + 1)
    mapped.push(...presentPages(region).map(page => f.first + page))
  })
  for (const page of mapped) {
    for (const place of known(shape.path[page], 'path')) {
      if (!placed.has(place)) tableOf(place)
      placed.add(place)
    }
  }
  for (const page of mapped) {
    const region = known(facts[s.regionOf[page] ?? 0], 'region')
    const pinned = regions[s.regionOf[page] ?? 0]?.pinned?.includes(page - region.first) === true
    const cached = s.fileFrame[page] ?? -1
    const pfn = cached >= 0 ? cached : frames.take()
    claim(pfn, cached >= 0 ? USE.file : USE.anon, page + 1, 1 + (cached >= 0 ? 1 : 0) + (pinned ? 1 : 0))
    set(m, shape.mapcount, pfn, 1)
    set(m, shape.pte, page, mkPte(pfn, region.writable, region.writable))
  }
  const free = frames.rest()
  for (const [i, pfn] of free.entries()) set(m, shape.freeList, i, pfn)
  set(m, shape.freeCount, 0, free.length)
  set(m, shape.iommu.root, 0, s.bound ? ROOT.real : ROOT.none)
  return m
}

function presentPages(region: Region): readonly number[] {
  if (region.unmapped === true || region.present === 'none') return []
  if (region.present === 'all') return Array.from({ length: region.pages }, (_, i) => i)
  return [...region.present].sort((a, b) => a - b)
}

/** CPUs first, then what answers to them: the order in which moves are offered and schedules are written. */
function actorsOf(s: Setup, scenario: Scenario, programs: readonly Program[]): Actor[] {
  const actors: Actor[] = []
  const addActor = (make: (id: number) => Actor): number => actors.push(make(actors.length))
  for (const cpu of s.cpus.keys()) addActor(id => cpuActor(s, id, cpu, known(programs[cpu], 'program')))
  const scripts: DeviceAccess[][] = scenario.devices.map(d =>
    d.script.map(a => ({ write: a.do === 'write', pages: pagesOf(s, a.page) })),
  )
  for (const device of s.devices.keys()) addActor(id => deviceActor(s, id, device, known(scripts[device], 'script')))
  if (s.bound) {
    addActor(id => iommuActor(s, id))
    addActor(id => faultWorkerActor(s, id, scripts))
  }
  if (s.cpus.filter(cpu => cpu.task === 'app').length > 1) {
    s.cpus.forEach((cpu, i) => {
      if (cpu.task === 'app') addActor(id => flushInterruptActor(s, id, i))
    })
  }
  if (s.policy.tableFree === 'rcu') addActor(id => rcuActor(s, id))
  return actors
}
