import { known } from '../base/assert.ts'
import { dialectOf } from '../device/commands/encode.ts'
import { ROOT } from '../device/device.ts'
import { commandIn, commandRange, namedIn, rangeNamed } from '../device/invalidation-queue.ts'
import { pgdFrame } from '../device/walk.ts'
import { commandDevice, completionUnderWay, hasAtc, requestFrom } from '../machine/ats.ts'
import { get, type Machine } from '../machine/cells.ts'
import { gupHeldAt, gupTableAt } from '../machine/gup-fast.ts'
import { irqsAreOff } from '../machine/interrupts.ts'
import { LOADED, loadedAt } from '../machine/loaded-mm.ts'
import { hasPrq } from '../machine/page-requests.ts'
import { hasPasids } from '../machine/pasids.ts'
import { pageLabel, pageVpn, rangeOf, type Setup, toPfn } from '../machine/setup.ts'
import { LEAF_READ, STOPPED, WAITING_FOR_CPU } from '../machine/shape.ts'
import { owes, owesWritable } from '../machine/tlb-batch.ts'
import { refusesWrites } from '../machine/tlb-denials.ts'
import { countsGenerations, localTlbGen, mmTlbGen } from '../machine/tlb-gens.ts'
import { nameIn } from '../policy/names.ts'
import { actionText } from '../scenarios/actions.ts'
import type { Lab } from '../scenarios/build.ts'
import type { CpuAction, DeviceSpec } from '../scenarios/scenario.ts'
import { LEVELS } from '../units.ts'
import { tlbViews, walkCacheViews, walkView } from './entries.ts'
import { deviceTlbViews, pageRequestsView, pasidViews } from './page-requests.ts'
import type { AtcView, CpuView, DeviceView, GatherView, InvalidationView, IommuView } from './world.ts'

/** CPUs in words: what each does, what its TLB and walk cache hold. */
export function cpuViews(lab: Lab, m: Machine): CpuView[] {
  const { setup: s, scenario } = lab
  const pages = (region: string): number => scenario.memory.regions.find(r => r.name === region)?.pages ?? 0
  return s.cpus.map((facts, i) => {
    const k = known(s.shape.cpus[i], 'CPU')
    const spec = known(scenario.cpus[i], 'CPU')
    const actor = known(lab.actors[i], 'actor')
    const finished = actor.finished(m)
    const walking = get(m, k.stage, 0)
    return {
      index: i,
      name: facts.name,
      task: facts.task,
      running: spec.script.map(a => actionText(a, pages)).join('; '),
      doing: finished ? '' : nameIn(s.policy, actor.op(m, 0).fn),
      finished,
      lazy: loadedAt(s, m, i) === LOADED.lazy,
      ...away(s, m, i),
      ...generations(s, m, i),
      tlb: tlbViews(s, m, k),
      tlbCapacity: k.tlb.length,
      walkCache: walkCacheViews(s, m, k),
      walkCacheCapacity: k.walkCache.length,
      flushFrom: s.cpus.flatMap((_, from) =>
        get(m, s.shape.flushRequest, i * s.cpus.length + from) === 1 ? [from] : [],
      ),
      walk: walking === 0 ? null : walkView(s, m, k, walkedPage(lab, m, i), false),
      ...modeOf(lab, m, i),
      ...(owes(s, m, i) ? { owesFlush: owesWritable(s, m, i) ? ('writable' as const) : ('read-only' as const) } : {}),
    }
  })
}

/** What it has loaded instead of its mm. */
function away(s: Setup, m: Machine, cpu: number): Pick<CpuView, 'loaded'> {
  switch (loadedAt(s, m, cpu)) {
    case LOADED.other:
      return { loaded: 'another mm' }
    case LOADED.switching:
      return { loaded: 'switching' }
    default:
      return {}
  }
}

function generations(s: Setup, m: Machine, cpu: number): Pick<CpuView, 'tlbGen'> {
  const mm = s.cpus[cpu]?.mm ?? -1
  return mm < 0 || !countsGenerations(s) ? {} : { tlbGen: { local: localTlbGen(s, m, cpu), mm: mmTlbGen(s, m, mm) } }
}

/** What only some machines have: disabled interrupts, a walk in software. */
function modeOf(lab: Lab, m: Machine, cpu: number): Pick<CpuView, 'irqsOff' | 'gup'> {
  const { setup: s } = lab
  const gup = gupView(lab, m, cpu)
  return {
    ...(irqsAreOff(s.shape, m, cpu) ? { irqsOff: true } : {}),
    ...(gup === undefined ? {} : { gup }),
  }
}

/** The level is that of the next operation, which says `read the PTE entry`: what lies in the frame may be anything. */
function gupView(lab: Lab, m: Machine, cpu: number): CpuView['gup'] {
  const { setup: s } = lab
  const table = gupTableAt(s.shape, m, cpu)
  const held = gupHeldAt(s.shape, m, cpu)
  if (table < 0 && held < 0) return undefined
  const page = walkedPage(lab, m, cpu)
  const said = /^read the (\w+) entry/.exec(lab.actors[cpu]?.op(m, 0).label ?? '')?.[1]
  const level = LEVELS.find(l => l === said)
  const walk =
    table < 0 || level === undefined
      ? null
      : { vpn: pageVpn(s, page), label: pageLabel(s, page), write: false, level, table: toPfn(table) }
  return { walk, held: held < 0 ? null : toPfn(held) }
}

/** A CPU's walk is for the page its script names now; the op's label says which. */
function walkedPage(lab: Lab, m: Machine, cpu: number): number {
  const label = lab.actors[cpu]?.op(m, 0).label ?? ''
  // `mybuf[0]` has `buf[0]` in it too: the longest name is the one that is meant.
  const named = lab.setup.labels.flatMap((name, page) => (label.includes(name) ? [{ name, page }] : []))
  return named.sort((a, b) => b.name.length - a.name.length)[0]?.page ?? 0
}

/** Actions for which somebody else than the app's CPUs fills a gather. */
const GATHERS: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'munmap',
  'brk',
  'madvise-dontneed',
  'madvise-free',
  'mprotect',
  'numa-hint',
  'uffd-unprotect',
  'exit',
  'truncate',
  'driver-free',
  'oom-reap',
])

/** That of each CPU of the app, and of every other whose script fills one: a child, a kernel thread. */
export function gatherViews(lab: Lab, m: Machine): GatherView[] {
  const { setup: s, scenario } = lab
  return s.cpus.flatMap((facts, i) => {
    if (facts.task !== 'app' && scenario.cpus[i]?.script.some(action => GATHERS.has(action.do)) !== true) return []
    const k = known(s.shape.cpus[i], 'CPU')
    const count = get(m, k.gatherCount, 0)
    const list = Array.from({ length: count }, (_, slot) => get(m, k.gatherList, slot))
    const start = get(m, k.gatherStart, 0)
    const end = get(m, k.gatherEnd, 0)
    const named = (table: number) =>
      list
        .filter(e => (e & 1) === table)
        .map(e => ({ pfn: toPfn(e >>> 1), freed: false }))
        .sort((a, b) => a.pfn - b.pfn)
    return [
      {
        task: facts.name,
        active: count > 0 || end > 0,
        range: end > 0 ? rangeOf(s, start, end) : null,
        pages: named(0),
        tables: named(1),
        batchSize: s.batchSize,
        freedTables: get(m, k.freedTables, 0) === 1,
      },
    ]
  })
}

/** The IOMMU in words: its caches and its queue. */
export function iommuView(s: Setup, m: Machine): IommuView {
  const q = s.shape.iommu
  const root = get(m, q.root, 0)
  const dialect = dialectOf(s.policy)
  const queued = get(m, q.queueCount, 0)
  return {
    driver: s.policy.driver,
    root: root === ROOT.real ? 'real' : root === ROOT.empty ? 'empty' : 'none',
    rootPfn: root === ROOT.real ? toPfn(pgdFrame(s, m)) : null,
    iotlb: deviceTlbViews(s, m, q),
    iotlbCapacity: q.tlb.length,
    walkCache: walkCacheViews(s, m, q),
    walkCacheCapacity: q.walkCache.length,
    ...(dialect === undefined ? {} : { dialect: dialect.title }),
    queue: Array.from({ length: queued }, (_, i) => ({
      range: rangeNamed(s, namedIn(s, m, i)),
      leafOnly: get(m, q.queueLeaf, i) === 1,
      by: s.cpus[get(m, q.queueBy, i)]?.name ?? 'the fault worker',
      device: s.devices[commandDevice(s, m, i) - 1]?.name ?? '',
      ...writtenAs(s, m, i),
    })),
    queueCapacity: q.queueStart.length,
    drainsWalks: s.policy.drainsWalks,
    ...(hasPrq(s) ? { pageRequests: pageRequestsView(s, m) } : {}),
    ...(hasPasids(s) ? { pasids: pasidViews(s, m) } : {}),
  }
}

/** A command in its driver’s words, and the wait that follows the last command of whoever has sent it. */
function writtenAs(s: Setup, m: Machine, slot: number): Pick<InvalidationView, 'command' | 'wait'> {
  const { queueBy, queueCount } = s.shape.iommu
  const command = commandIn(s, m, slot)
  const dialect = dialectOf(s.policy)
  if (command === undefined || dialect === undefined) return {}
  const by = get(m, queueBy, slot)
  for (let later = slot + 1; later < get(m, queueCount, 0); later++)
    if (get(m, queueBy, later) === by) return { command }
  return { command, wait: dialect.wait }
}

function atcView(s: Setup, m: Machine, device: number): AtcView | null {
  const a = s.shape.ats[device]
  if (a === undefined || !hasAtc(s, device)) return null
  const waits = requestFrom(s, m, device) >= 0
  return {
    entries: deviceTlbViews(s, m, a),
    capacity: a.tlb.length,
    request: waits ? commandRange(s, get(m, a.requestStart, 0), get(m, a.requestEnd, 0)) : null,
    completion: completionUnderWay(s, m, device),
  }
}

/** Devices in words: their scripts, walks and ATCs. */
export function deviceViews(lab: Lab, m: Machine): DeviceView[] {
  const { setup: s, scenario } = lab
  return s.devices.map((facts, i) => {
    const d = known(s.shape.devices[i], 'device')
    const spec = known(scenario.devices[i], 'device')
    const at = get(m, d.action, 0)
    const stage = get(m, d.stage, 0)
    const page = get(m, d.page, 0) - 1
    const write = spec.script[at]?.do === 'write'
    return {
      index: i,
      name: facts.name,
      script: spec.script.map((a, n) => ({
        text: `${a.do} ${a.page}`,
        state: n < at ? 'done' : n === at ? 'current' : 'ahead',
      })),
      atc: atcView(s, m, i),
      phase: phaseOf(spec, at, stage, page),
      walk: walkView(s, m, d, Math.max(0, page), write),
      steps: stepsOf(s, m, i, stage, page, spec.script[at]),
    }
  })
}

function phaseOf(spec: DeviceSpec, at: number, stage: number, page: number): DeviceView['phase'] {
  if (stage === STOPPED) return 'stopped'
  if (at >= spec.script.length) return 'finished'
  if (stage === WAITING_FOR_CPU) return 'waiting for the CPU'
  if (stage >= 1 && stage <= LEAF_READ) return 'walking'
  return page >= 0 ? 'retrying' : 'idle'
}

function stepsOf(
  s: Setup,
  m: Machine,
  device: number,
  stage: number,
  page: number,
  action: { do: string; page: string } | undefined,
): DeviceView['steps'] {
  if (action === undefined) return []
  const d = known(s.shape.devices[device], 'device')
  const what = page >= 0 ? pageLabel(s, page) : action.page
  const walked = stage >= 1 && stage <= LEAF_READ
  const waiting = stage === WAITING_FOR_CPU
  const asked = page >= 0
  const refused = waiting && action.do === 'write' && s.policy.cachesPermissionMiss && refusesWrites(s, m, page)
  return [
    {
      text: `look up ${what}`,
      state: asked && (walked || waiting) ? 'done' : 'current',
      note: refused ? 'read-only' : walked || waiting ? 'miss' : '',
    },
    {
      text: 'walk page table',
      state: walked ? 'current' : waiting ? 'done' : 'ahead',
      note: walked
        ? stage === LEAF_READ
          ? `found pfn ${get(m, d.frame, 0)}`
          : `at pfn ${get(m, d.frame, 0)}`
        : refused
          ? 'not walked'
          : waiting
            ? 'not present'
            : '',
    },
    {
      text: waiting ? 'wait for the CPU to map it' : `${action.do} ${what}`,
      state: waiting ? 'current' : 'ahead',
      note: '',
    },
  ]
}
