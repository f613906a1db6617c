import { placesFor } from '../machine/shape.ts'
import type { AddressSpace } from './address-space.ts'
import type { CpuAction, Scenario } from './scenario.ts'

/**
 * As many frames as can be in use at once, or more, in any run under any policy: when there are so many, nobody ever waits for one.
 * A page that is unmapped and mapped again before it is freed has two frames; so has a table, where something is mapped anew.
 */
export function mostFrames({ memory, cpus, devices }: Scenario, space: AddressSpace): number {
  const { regions, regionOf, facts, labels } = space
  const actions = cpus.flatMap(cpu => cpu.script)
  const tables = placesFor(space.vpns).places.length
  const touched = new Set([...actions, ...devices.flatMap(d => d.script)].flatMap(a => ('page' in a ? a.page : [])))
  const pages = labels.map((label, page) => {
    const i = regionOf[page] ?? 0
    const name = regions[i]?.name ?? ''
    return {
      name,
      at: page - (facts[i]?.first ?? 0),
      file: facts[i]?.kind === 'file',
      touched: touched.has(label) || touched.has(`${name}[any]`),
    }
  })
  const present = (page: (typeof pages)[number]): boolean => {
    const region = regions.find(r => r.name === page.name)
    if (region === undefined || region.unmapped === true || region.present === 'none') return false
    return region.present === 'all' || region.present.includes(page.at)
  }
  const mapsAnew = actions.some(a => a.do === 'mmap')
  const extra = (a: CpuAction): number => {
    if (a.do === 'allocate' || a.do === 'migrate') return 1
    if (a.do === 'reclaim') return pages.filter(p => p.name === a.region).length
    if (a.do === 'madvise-dontneed') {
      const first = a.first ?? 0
      const end = first + (a.pages ?? Number.POSITIVE_INFINITY)
      return pages.filter(p => p.name === a.region && p.at >= first && p.at < end && p.touched).length
    }
    const unmaps = a.do === 'munmap' || a.do === 'brk' || a.do === 'exit'
    return unmaps && mapsAnew ? pages.length + tables : 0
  }
  const reserved = 1
  const ofPages = pages.filter(p => p.file || p.touched || present(p)).length
  const pinned = memory.regions.reduce((sum, r) => sum + (r.pinned?.length ?? 0), 0)
  return reserved + tables + ofPages + pinned + actions.reduce((sum, a) => sum + extra(a), 0)
}
