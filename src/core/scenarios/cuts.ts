import { known } from '../base/assert.ts'
import { actionText } from './actions.ts'
import type { CpuAction, CpuSpec, DeviceAction, DeviceSpec, Region, Scenario } from './scenario.ts'

/** Something that a scenario can be without. */
export interface Part {
  readonly id: string
  /** As the whole scenario names it: `CPU 1`, `buf[1]`. */
  readonly what: string
  /** Gone with any of these: an action goes with its CPU. */
  readonly within: readonly string[]
  /** Of a page: all pages of its region. The last one left is the region. */
  readonly among: readonly string[]
}

/** A number that can be smaller: entries of a cache, frames. */
export interface Size {
  readonly id: string
  readonly what: string
  readonly value: number
  /** The least that the format allows. */
  readonly least: number
  readonly within: readonly string[]
}

/** What is left out of a scenario. Names and numbers are those of the whole one, so that cuts can be made in any order. */
export interface Cuts {
  /** Parts, by id. */
  readonly gone: ReadonlySet<string>
  /** Sizes that are smaller now, by id. */
  readonly sizes: ReadonlyMap<string, number>
}

export const NOTHING_CUT: Cuts = { gone: new Set(), sizes: new Map() }

const cpuId = (c: number): string => `cpu ${c}`
const deviceId = (d: number): string => `device ${d}`
const actionId = (owner: string, i: number): string => `${owner} action ${i}`
const regionId = (name: string): string => `region ${name}`
const pageId = (region: string, page: number): string => `page ${region}[${page}]`
const pinId = (region: string, page: number): string => `pin ${region}[${page}]`
const stackId = (region: string): string => `stack ${region}`
const lazyId = (c: number): string => `lazy ${c}`

/** Every part of a scenario, the largest first. */
export function partsOf(s: Scenario): Part[] {
  const { regions } = s.memory
  const part = (id: string, what: string, ...within: string[]): Part => ({ id, what, within, among: [] })
  const pages = (name: string): number => regions.find(r => r.name === name)?.pages ?? 0
  return [
    ...s.cpus.map((_, c) => part(cpuId(c), `CPU ${c}`)),
    ...s.devices.map((d, i) => part(deviceId(i), d.name)),
    ...regions.map(r => part(regionId(r.name), `region ${r.name}`)),
    ...s.cpus.flatMap((cpu, c) =>
      cpu.script.map((a, i) =>
        part(
          actionId(cpuId(c), i),
          `${actionText(a, pages)} on CPU ${c}${again(cpu.script, i)}`,
          cpuId(c),
          ...named(a),
        ),
      ),
    ),
    ...s.devices.flatMap((device, d) =>
      device.script.map((a, i) =>
        part(
          actionId(deviceId(d), i),
          `${a.do} ${a.page} by ${device.name}${again(device.script, i)}`,
          deviceId(d),
          ...named(a),
        ),
      ),
    ),
    ...regions.flatMap(pageParts),
    ...regions.flatMap(r =>
      (r.pinned ?? []).map(p =>
        part(pinId(r.name, p), `the pin of ${r.name}[${p}]`, regionId(r.name), pageId(r.name, p)),
      ),
    ),
    ...regions.flatMap(r =>
      r.growsDown === true ? [part(stackId(r.name), `growsDown of ${r.name}`, regionId(r.name))] : [],
    ),
    ...s.cpus.flatMap((cpu, c) => (cpu.lazy === true ? [part(lazyId(c), `lazy TLB mode of CPU ${c}`, cpuId(c))] : [])),
  ]
}

/** The last page first: the others keep their numbers. */
function pageParts({ name, pages }: Region): Part[] {
  const among = numbers(pages).map(page => pageId(name, page))
  return among.map((id, page) => ({ id, what: `${name}[${page}]`, within: [regionId(name)], among })).reverse()
}

/** Stretches of a region's pages, the largest first: where there are many, most can go together. */
export function stretchesOf(s: Scenario): Part[][] {
  return s.memory.regions.flatMap(region => {
    const stretches: Part[][] = []
    const split = (parts: Part[]): void => {
      if (parts.length < 4) return
      const middle = Math.ceil(parts.length / 2)
      for (const half of [parts.slice(0, middle), parts.slice(middle)]) {
        stretches.push(half)
        split(half)
      }
    }
    split(pageParts(region))
    return stretches.sort((a, b) => b.length - a.length)
  })
}

/** Every size of a scenario. */
export function sizesOf({ cpus, iommu, memory }: Scenario): Size[] {
  const size = (id: string, what: string, value: number, least: number, ...within: string[]): Size => ({
    id,
    what,
    value,
    least,
    within,
  })
  return [
    size('iotlb', 'IOTLB entries', iommu.iotlb, 0),
    size('walkCache', 'IOMMU walk-cache entries', iommu.walkCache, 0),
    size('queue', 'invalidation-queue slots', iommu.queue, 1),
    ...cpus.flatMap((cpu, c) => [
      size(`tlb ${c}`, `TLB entries of CPU ${c}`, cpu.tlb, 0, cpuId(c)),
      size(`walkCache ${c}`, `walk-cache entries of CPU ${c}`, cpu.walkCache, 0, cpuId(c)),
    ]),
    size('frames', 'frames', memory.frames, 2),
  ]
}

/** Whether a part or size is not in the scenario any more, by itself or with what it belongs to. */
export const isGone = ({ id, within }: Pick<Part, 'id' | 'within'>, { gone }: Cuts): boolean =>
  gone.has(id) || within.some(outer => gone.has(outer))

/** The size as it is after the cuts. */
export const sizeAfter = ({ id, value }: Size, { sizes }: Cuts): number => sizes.get(id) ?? value

/** The scenario without what is cut. Pages move down to fill gaps; actions whose pages are gone go too. May not be valid: check it. */
export function withCuts(s: Scenario, cuts: Cuts): Scenario {
  const { gone } = cuts
  const keptPages = new Map(
    s.memory.regions.map(r => [
      r.name,
      gone.has(regionId(r.name)) ? [] : numbers(r.pages).filter(p => !gone.has(pageId(r.name, p))),
    ]),
  )
  const pagesOf = (region: string): readonly number[] => keptPages.get(region) ?? []
  const size = (id: string, value: number): number => cuts.sizes.get(id) ?? value
  const script = <A extends CpuAction | DeviceAction>(owner: string, actions: readonly A[]): A[] =>
    actions.flatMap((action, i) => (gone.has(actionId(owner, i)) ? [] : moved(action, pagesOf)))
  const cpu = ({ lazy, ...rest }: CpuSpec, c: number): CpuSpec => ({
    ...rest,
    tlb: size(`tlb ${c}`, rest.tlb),
    walkCache: size(`walkCache ${c}`, rest.walkCache),
    ...(lazy === undefined || gone.has(lazyId(c)) ? {} : { lazy }),
    script: script(cpuId(c), rest.script),
  })
  const device = (d: DeviceSpec, i: number): DeviceSpec => ({ ...d, script: script(deviceId(i), d.script) })
  return {
    ...s,
    memory: {
      frames: size('frames', s.memory.frames),
      regions: s.memory.regions.flatMap(r => regionWith(r, pagesOf(r.name), gone)),
    },
    cpus: s.cpus.flatMap((spec, c) => (gone.has(cpuId(c)) ? [] : cpu(spec, c))),
    devices: s.devices.flatMap((spec, d) => (gone.has(deviceId(d)) ? [] : device(spec, d))),
    iommu: {
      ...s.iommu,
      iotlb: size('iotlb', s.iommu.iotlb),
      walkCache: size('walkCache', s.iommu.walkCache),
      queue: size('queue', s.iommu.queue),
    },
  }
}

/** The region with these of its pages, numbered anew, or nothing when none is left. */
function regionWith(
  { pinned, growsDown, ...region }: Region,
  pages: readonly number[],
  gone: ReadonlySet<string>,
): Region[] {
  if (pages.length === 0) return []
  const { name, present } = region
  const place = (page: number): number[] => (pages.includes(page) ? [pages.indexOf(page)] : [])
  const mapped = typeof present === 'string' ? present : present.flatMap(place)
  const pins = (pinned ?? []).filter(page => !gone.has(pinId(name, page))).flatMap(place)
  return [
    {
      ...region,
      pages: pages.length,
      present: typeof mapped === 'string' ? mapped : mapped.length === 0 ? 'none' : mapped,
      ...(growsDown === undefined || gone.has(stackId(name)) ? {} : { growsDown }),
      ...(pins.length === 0 ? {} : { pinned: pins }),
    },
  ]
}

/** The action among the pages that are left, or nothing when it has lost its own. */
function moved<A extends CpuAction | DeviceAction>(action: A, pagesOf: (region: string) => readonly number[]): A[] {
  if ('page' in action) {
    const [, region = '', page = ''] = /^(.+)\[(\d+|any)\]$/.exec(action.page) ?? []
    const pages = pagesOf(region)
    if (page === 'any') return pages.length > 0 ? [action] : []
    const at = pages.indexOf(Number(page))
    return at < 0 ? [] : [{ ...action, page: `${region}[${at}]` }]
  }
  if (!('region' in action)) return [action]
  const pages = pagesOf(action.region)
  const { first = 0, pages: count = Number.POSITIVE_INFINITY } = action as { first?: number; pages?: number }
  const before = pages.filter(page => page < first).length
  const inside = pages.filter(page => page >= first && page < first + count).length
  if (inside === 0) return []
  const { through, ...rest } = action as { readonly through?: string }
  return [
    {
      ...(rest as A),
      ...(through === undefined || pagesOf(through).length === 0 ? {} : { through }),
      ...('first' in action ? { first: before } : {}),
      ...('pages' in action ? { pages: inside } : {}),
    },
  ]
}

/** Regions and pages that an action names. */
function named(action: CpuAction | DeviceAction): string[] {
  if ('region' in action) {
    const { through } = action as { through?: string }
    return [action.region, ...(through === undefined ? [] : [through])].map(regionId)
  }
  if (!('page' in action)) return []
  const [, region = '', page = ''] = /^(.+)\[(\d+|any)\]$/.exec(action.page) ?? []
  return [regionId(region), ...(page === 'any' ? [] : [pageId(region, Number(page))])]
}

/** Which of several equal actions it is: `, 2nd of 2`. */
function again(script: readonly object[], at: number): string {
  const same = (a: object | undefined): boolean => JSON.stringify(a) === JSON.stringify(known(script[at], 'action'))
  const all = script.filter(same).length
  return all === 1 ? '' : `, ${script.slice(0, at + 1).filter(same).length} of ${all}`
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
