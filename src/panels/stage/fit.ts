import type { WorldView } from '../../core/view/world.ts'

/**
 * How closely the stage is drawn. A packed column has two slots of a cache side by side, because it would not fit with
 * one. A low stage has everything closer. Depends on what the machine can hold, never on what it holds just now.
 */
export interface Packing {
  readonly low: boolean
  readonly cpus: boolean
  readonly devices: boolean
}

const SLOT = 24
const TITLE = 22
const LEGEND = 40

export function packingFor(world: WorldView, width: number, height: number): Packing {
  // Not measured yet, or stacked: as tall as it likes.
  if (height === 0 || width < 640) return { low: false, cpus: false, devices: false }
  const room = height - LEGEND
  return { low: height < 500, cpus: cpuColumn(world) > room, devices: deviceColumn(world) > room }
}

/** As class names. */
export const packingClasses = (p: Packing): string =>
  `${p.low ? ' stage-low' : ''}${p.cpus ? ' cpus-packed' : ''}${p.devices ? ' devices-packed' : ''}`

const slots = (count: number): number => (count === 0 ? 0 : TITLE + count * SLOT)

/** Height of the CPUs, drawn roomy. */
function cpuColumn(world: WorldView): number {
  return world.cpus.reduce((sum, c) => sum + 72 + slots(c.tlbCapacity) + slots(c.walkCacheCapacity), TITLE)
}

/** Height of IOMMU and devices, drawn roomy. */
function deviceColumn(world: WorldView): number {
  const { iotlbCapacity, walkCacheCapacity, queueCapacity } = world.iommu
  const iommu = 76 + slots(iotlbCapacity) + slots(walkCacheCapacity) + slots(Math.ceil(queueCapacity / 2))
  return TITLE + iommu + world.devices.length * 175
}
