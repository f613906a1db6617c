import { SCRIBBLED, scribbledAt } from '../machine/accessed.ts'
import { get, type Machine } from '../machine/cells.ts'
import { damageOf, holderOf, ownerName } from '../machine/damage.ts'
import { detachedAt, ptePlaceOf } from '../machine/huge-page.ts'
import { pteAt, ptePresent } from '../machine/page-table.ts'
import { isZeroFrame, type Setup, toPfn, USE } from '../machine/setup.ts'
import type { Lab } from '../scenarios/build.ts'
import { ruleViews } from '../scenarios/rules.ts'
import { consumerViews } from './consumers.ts'
import { mmView } from './mm.ts'
import { cpuViews, deviceViews, gatherViews, iommuView } from './translators.ts'
import type { FrameUse, FrameView, WorldView } from './world.ts'

/** One state in words. Pure: the same state gives the same view, on any machine. */
export function viewOf(lab: Lab, m: Machine): WorldView {
  const { setup } = lab
  return {
    cpus: cpuViews(lab, m),
    mm: mmView(setup, m),
    gathers: gatherViews(lab, m),
    frames: frameViews(lab, m),
    iommu: iommuView(setup, m),
    devices: deviceViews(lab, m),
    notifier: {
      subscribed: setup.subscribed,
      openPairs: get(m, setup.shape.openPairs, 0),
      callbacks: callbacksOf(setup),
    },
    consumers: consumerViews(setup, m),
    rules: ruleViews(setup, m),
  }
}

function callbacksOf(s: Setup): readonly string[] {
  if (!s.subscribed) return []
  if (s.policy.driver !== 'notifier') return ['invalidate_range_start', 'invalidate_range_end', 'release']
  const range = s.policy.archFlushNotifies ? 'arch_invalidate_secondary_tlbs' : 'invalidate_range'
  return s.policy.rangeCallback ? [range, 'release'] : ['release']
}

function frameViews({ setup, initial }: Lab, m: Machine): FrameView[] {
  return Array.from({ length: setup.shape.sizes.frames }, (_, pfn) => {
    const wasOurs = get(initial, setup.shape.refcount, pfn) > 0
    return frameView(setup, m, pfn, wasOurs)
  })
}

function frameView(s: Setup, m: Machine, pfn: number, wasOurs: boolean): FrameView {
  const use = get(m, s.shape.use, pfn)
  const purpose = get(m, s.shape.purpose, pfn) - 1
  const mapcount = get(m, s.shape.mapcount, pfn)
  const writer = get(m, s.shape.writer, pfn)
  const scribbled = scribbledAt(s.shape, m, pfn)
  const damaged = damageOf(s, m) !== 0 && (foreignWriter(s, use, writer) || scribbled !== SCRIBBLED.nothing)
  const reused = use === USE.other && (wasOurs || damaged || holderOf(s, m, pfn) !== '')
  return {
    pfn: toPfn(pfn),
    use: reused ? 'reused' : frameUse(use, isReached(s, m, pfn) ? mapcount : 0),
    owner: use === USE.free ? '' : ownerName(s, m, pfn),
    label: labelOf(s, pfn, use, purpose),
    refcount: get(m, s.shape.refcount, pfn),
    mapcount,
    lastWriter: writerName(s, writer),
    looksLikePte: get(m, s.shape.forged, pfn) === 1 ? s.forgedTarget : null,
    ...(scribbled === SCRIBBLED.nothing ? {} : { bitsSet: scribbled === SCRIBBLED.dirty ? 'A, D' : 'A' }),
    damaged,
  }
}

/** Its mapping is in the tree: not in a page table that khugepaged has taken out, which still counts. */
function isReached(s: Setup, m: Machine, pfn: number): boolean {
  const page = get(m, s.shape.purpose, pfn) - 1
  if (s.shape.detached.length === 0 || page < 0 || page >= s.vpns.length) return true
  return detachedAt(s.shape, m, ptePlaceOf(s.shape, page).id) < 0 || ptePresent(pteAt(s.shape, m, page))
}

function frameUse(use: number, mapcount: number): FrameUse {
  switch (use) {
    case USE.free:
      return 'free'
    case USE.table:
      return 'table'
    case USE.other:
    case USE.reserved:
      return 'reserved'
    default:
      return mapcount > 0 ? 'mapped' : 'unmapped'
  }
}

function labelOf(s: Setup, pfn: number, use: number, purpose: number): string {
  if (isZeroFrame(s, pfn)) return 'zero'
  switch (use) {
    case USE.free:
      return 'free'
    case USE.table:
      return s.shape.places[purpose]?.level ?? 'table'
    case USE.other:
      return 'other'
    case USE.reserved:
      return 'kernel'
    default:
      return s.labels[purpose] ?? ''
  }
}

function writerName(s: Setup, writer: number): string {
  if (writer === 0) return ''
  const others = [...s.cpus, ...s.devices, ...s.consumers.flatMap(c => c.threads)]
  return others[writer - 1]?.name ?? ''
}

/** Somebody wrote into a frame that is not theirs: a device or an app CPU into one that is free, another's or the kernel's. */
function foreignWriter(s: Setup, use: number, writer: number): boolean {
  if (writer === 0 || use === USE.anon || use === USE.file) return false
  const cpu = s.cpus[writer - 1]
  return use === USE.other ? cpu?.task !== 'other' : true
}
