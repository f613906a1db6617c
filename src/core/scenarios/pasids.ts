import type { Setup } from '../machine/setup.ts'
import type { Shape } from '../machine/shape.ts'
import { pageNumber } from '../units.ts'
import { type AddressSpace, MM_NAMES } from './address-space.ts'
import type { Scenario } from './scenario.ts'

/** PASIDs by mm, and which pages a TLB of the IOMMU or of a device takes for the same. */
export function tagsOf(
  { iommu: { pasids } }: Scenario,
  space: AddressSpace,
  { places }: Shape,
): Pick<Setup, 'pasids' | 'tagOf' | 'placeTagOf'> {
  if (pasids === undefined) return { pasids: [], tagOf: [], placeTagOf: [] }
  const byMm = [pasids.app, pasids.child]
  if (pasids.app !== pasids.child) return { pasids: byMm, tagOf: [], placeTagOf: [] }
  const addresses = space.vpns.map(pageNumber)
  const tables = places.map(p => `${p.level} ${pageNumber(p.base)}`)
  return {
    pasids: byMm,
    tagOf: addresses.map(vpn => addresses.indexOf(vpn)),
    placeTagOf: tables.map(table => tables.indexOf(table)),
  }
}

/** A script binds the PASID of this mm. Until then devices do not know the mm. */
export const bindsLater = ({ cpus }: Scenario, mm: number): boolean =>
  cpus.some(cpu => cpu.task === MM_NAMES[mm] && cpu.script.some(action => action.do === 'sva-bind'))
