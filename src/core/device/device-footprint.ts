import { known } from '../base/assert.ts'
import { completionUnderWay, hasAtc } from '../machine/ats.ts'
import { get, type Machine } from '../machine/cells.ts'
import type { Resource } from '../machine/resources.ts'
import type { Setup } from '../machine/setup.ts'
import { entriesOf, tlbKey, tlbLookup, tlbPfn } from '../machine/tlb.ts'
import { atOnce, type Condition, type Footprint, type Part, type Touches } from '../threads/footprint.ts'
import { type DeviceAccess, ROOT } from './device.ts'
import { fillTouches, mayFault, stepFaults, type WalkerTouches, type WalkOf, walkTouches } from './walk-footprint.ts'

/** What all devices together can bring into the IOMMU's caches. */
export interface Reach {
  readonly pages: readonly number[]
  /** Of tables below the root: the root is in no cache. */
  readonly places: readonly number[]
  /** There is room for all of that at once, so nothing is ever pushed out. */
  readonly fitsIotlb: boolean
  readonly fitsWalkCache: boolean
  /** Pages that some accesses read and others write: their fills differ. */
  readonly mixed: ReadonlySet<number>
}

/** What the scripts of all devices can bring into the caches of the IOMMU. */
export function reachOf(s: Setup, scripts: readonly (readonly DeviceAccess[])[]): Reach {
  const accesses = scripts.flat()
  const read = new Set(accesses.filter(a => !a.write).flatMap(a => a.pages))
  const written = new Set(accesses.filter(a => a.write).flatMap(a => a.pages))
  const pages = [...new Set([...read, ...written])]
  const places = [...new Set(pages.flatMap(page => (s.shape.path[page] ?? []).slice(1)))]
  return {
    pages,
    places,
    fitsIotlb: pages.length <= s.shape.iommu.tlb.length,
    fitsWalkCache: places.length <= s.shape.iommu.walkCache.length,
    mixed: new Set([...read].filter(page => written.has(page))),
  }
}

/** The moves of a device's access to one page, by stage. */
export interface AccessFootprints {
  readonly lookUp: Footprint
  readonly walk: Footprint
  readonly fill: Footprint
  /** Waiting for an answer. Not a move: what must be so before it comes to that. */
  readonly faults: Condition
  /** The look-up finds the page, and the access is made. */
  readonly completes: (m: Machine) => boolean
}

/** What each step of one access touches. */
export function accessFootprints(
  s: Setup,
  reach: Reach,
  device: number,
  page: number,
  write: boolean,
): AccessFootprints {
  const { resources: r, policy, shape } = s
  const { iommu } = shape
  const walk = known(shape.devices[device], `device ${device}`)
  const of: WalkOf = { s, w: iommu, walk, page, write }
  const hits = (m: Machine): boolean => tlbLookup(s, m, iommu, page, write) !== 0
  const real = (m: Machine): boolean => get(m, iommu.root, 0) === ROOT.real
  const misses: Condition = { on: [r.iotlb(page)], holds: m => !hits(m) }
  const broken = mayFault(of)
  const faults: Condition = { on: [r.root, ...broken.on], holds: m => !real(m) || broken.holds(m) }
  const unreal: Condition = { on: [r.root], holds: m => !real(m) }
  const atc = hasAtc(s, device) ? atcOf(s, device, page, write) : undefined
  /** It asks the IOMMU. */
  const asks = (m: Machine): boolean => atc === undefined || (!atc.hits(m) && !completionUnderWay(s, m, device))
  const request = [r.request(device)]
  // While it can move, it has no request that the worker could answer.
  const mine = [{ knows: request }]
  const walks = [r.walks(device)]
  // Walks and completions keep their frame in the same place.
  const changesAtc = atc === undefined ? [] : [{ writes: [r.atc(device)] }]

  const fills = [r.fills(page)]

  // Where the IOMMU drains walks it does not drop what a walk under way is about to fill; elsewhere the two race.
  const fill = (fits: boolean, one: Resource, all: readonly Resource[]): Touches =>
    !fits ? { writes: all } : policy.drainsWalks ? { merges: [one] } : { writes: [one] }
  const walker: WalkerTouches = {
    table: place => fill(reach.fitsWalkCache, r.walkCache(place), reach.places.map(r.walkCache)),
    page: fill(reach.fitsIotlb, r.iotlb(page), reach.pages.map(r.iotlb)),
    goes: { merges: walks },
  }
  const always: Pick<Footprint, 'needs' | 'only' | 'circles'> = { needs: [], only: [], circles: undefined }
  return {
    lookUp: {
      ...always,
      touches: [
        ...mine,
        ...(atc?.touches ?? []),
        ...(atc === undefined
          ? [{ reads: fills }, { reads: [r.iotlb(page)], merges: [r.frames, ...request], now: hits }]
          : [
              { reads: fills, now: asks },
              { merges: [r.frames, ...request], now: atc.hits },
              { reads: [r.iotlb(page)], now: (m: Machine) => asks(m) && hits(m) },
            ]),
        { misses: [r.iotlb(page)], reads: [r.root], now: m => asks(m) && !hits(m) },
        {
          only: misses,
          now: m => asks(m) && !hits(m) && real(m),
          reads: (shape.path[page] ?? []).slice(1).map(r.walkCache),
          ...(policy.drainsWalks ? { writes: walks } : { merges: walks }),
          knows: [r.table(0)],
        },
        { only: unreal, now: m => asks(m) && !hits(m) && !real(m), writes: request },
      ],
    },
    walk: {
      ...always,
      only: [misses],
      touches: [
        ...mine,
        ...changesAtc,
        ...walkTouches(of, walker),
        { only: broken, now: m => stepFaults(of, m), writes: request },
      ],
    },
    fill: {
      ...always,
      touches: [
        ...mine,
        ...changesAtc,
        ...fillTouches(of, walker),
        reach.mixed.has(page) ? { writes: fills } : { merges: fills },
      ],
      circles: () => !reach.fitsIotlb,
    },
    faults,
    completes: atc === undefined ? hits : atc.hits,
  }
}

/** The part of a look-up that is about the device's ATC: whether it has the page, and a completion that comes in. */
function atcOf(s: Setup, device: number, page: number, write: boolean) {
  const a = known(s.shape.ats[device], `ATC of device ${device}`)
  const d = known(s.shape.devices[device], `device ${device}`)
  const { resources: r } = s
  const forgets = (m: Machine): boolean => {
    if (!completionUnderWay(s, m, device)) return false
    const entries = entriesOf(m, a.tlb)
    const old = entries.find(entry => tlbKey(s, entry) === page)
    return old === undefined ? entries.length === a.tlb.length : tlbPfn(s, old) !== get(m, d.frame, 0)
  }
  const touches: Part[] = [{ writes: [r.atc(device)] }, atOnce({ merges: [r.held] }, forgets)]
  const hits = (m: Machine): boolean => !completionUnderWay(s, m, device) && tlbLookup(s, m, a, page, write) !== 0
  return { touches, hits }
}
