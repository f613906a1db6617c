import { reachOf } from '../device/device-footprint.ts'
import type { Column, Machine } from '../machine/cells.ts'
import { get, set } from '../machine/cells.ts'
import type { DeviceColumns } from '../machine/shape.ts'
import { pagesOf } from './actions.ts'
import { deviceScripts, type Lab } from './build.ts'
import { FrameNames } from './frame-names.ts'

/**
 * Replaces states by one that stands for all that differ in names only: of frames, of devices with the same script, of slots in
 * caches that never overflow; and forgets what nobody will ever ask for. Why that is right: docs/adr/0016.
 */
export class Symmetry {
  private readonly lab: Lab
  private readonly frames: FrameNames
  /** Caches in which there is room for everything that can ever come in. */
  private readonly roomy: readonly Column[]
  /** Devices with the same script, where there are several. */
  private readonly twins: readonly (readonly number[])[]

  constructor(lab: Lab) {
    const { setup: s, scenario } = lab
    this.lab = lab
    this.frames = new FrameNames(s)
    const cpus = scenario.cpus.map(cpu =>
      cpu.script.map(a => ({ write: false, pages: 'page' in a ? pagesOf(s, a.page) : [] })),
    )
    this.roomy = [
      ...cpus.map((accesses, cpu) => ({ w: s.shape.cpus[cpu], reach: reachOf(s, [accesses]) })),
      { w: s.shape.iommu, reach: reachOf(s, deviceScripts(s, scenario)) },
    ].flatMap(({ w, reach: { pages, places } }) =>
      w === undefined
        ? []
        : [
            ...(pages.length <= w.tlb.length ? [w.tlb] : []),
            ...(places.length <= w.walkCache.length ? [w.walkCache] : []),
          ],
    )
    // A flush asks one ATC after the other, so devices with ATS cannot change places.
    const scripts = s.shape.sizes.features.ats ? [] : scenario.devices.map(d => JSON.stringify(d.script))
    this.twins = [...new Set(scripts)]
      .map(script => scripts.flatMap((other, device) => (other === script ? [device] : [])))
      .filter(twins => twins.length > 1)
  }

  /** In place. `swaps`: devices that do the same may change places. */
  canonical(m: Machine, swaps = true): void {
    this.forget(m)
    for (const cache of this.roomy) sortSlots(m, cache)
    this.frames.begin(m)
    if (swaps) for (const twins of this.twins) this.sortDevices(m, twins)
    this.frames.finish(m)
    this.frames.rename(m)
  }

  /** Of an anonymous page it is never asked whether it is dirty. */
  private forget(m: Machine): void {
    const { shape, fileFrame } = this.lab.setup
    for (let page = 0; page < fileFrame.length; page++) {
      const pte = get(m, shape.pte, page)
      if ((pte & 1) === 1 && (fileFrame[page] as number) < 0) set(m, shape.pte, page, pte & ~1)
    }
  }

  /** Straight insertion: there are never more than a few. */
  private sortDevices(m: Machine, twins: readonly number[]): void {
    for (let end = 1; end < twins.length; end++) {
      for (let i = end; i > 0 && this.before(m, twins[i] as number, twins[i - 1] as number); i--)
        this.swap(m, twins[i] as number, twins[i - 1] as number)
    }
  }

  private before(m: Machine, a: number, b: number): boolean {
    const { devices, faultWorker } = this.lab.setup.shape
    const one = devices[a] as DeviceColumns
    const other = devices[b] as DeviceColumns
    for (const key of KEYS) {
      const difference = get(m, one[key], 0) - get(m, other[key], 0)
      if (difference !== 0) return difference < 0
    }
    if (get(m, faultWorker.pc, 0) !== 0) {
      const served = get(m, faultWorker.device, 0)
      if (served === a || served === b) return served === a
    }
    return this.frames.nameOf(get(m, one.frame, 0)) < this.frames.nameOf(get(m, other.frame, 0))
  }

  private swap(m: Machine, a: number, b: number): void {
    const { devices, faultWorker } = this.lab.setup.shape
    const one = devices[a] as DeviceColumns
    const other = devices[b] as DeviceColumns
    for (const key of SWAPPED) {
      const value = get(m, one[key], 0)
      set(m, one[key], 0, get(m, other[key], 0))
      set(m, other[key], 0, value)
    }
    if (get(m, faultWorker.pc, 0) === 0) return
    const served = get(m, faultWorker.device, 0)
    if (served === a) set(m, faultWorker.device, 0, b)
    else if (served === b) set(m, faultWorker.device, 0, a)
  }
}

const KEYS = ['action', 'page', 'stage', 'writable'] as const
const SWAPPED = [...KEYS, 'frame'] as const

/** Entries lie from slot 0 on, one for each page or place, which is what their numbers begin with. */
function sortSlots(m: Machine, cache: Column): void {
  for (let end = 1; end < cache.length; end++) {
    const entry = get(m, cache, end)
    if (entry === 0) return
    let i = end
    for (; i > 0 && get(m, cache, i - 1) > entry; i--) set(m, cache, i, get(m, cache, i - 1))
    if (i !== end) set(m, cache, i, entry)
  }
}
