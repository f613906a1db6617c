import type { RegionFacts } from '../machine/setup.ts'
import { asVpn, type Vpn } from '../units.ts'
import type { Region } from './scenario.ts'

/** Every page that a scenario speaks of, in order of address, with its name and its region. */
export interface AddressSpace {
  /** The regions as written, in order of address; `facts` lists the same. */
  readonly regions: readonly Region[]
  readonly facts: readonly RegionFacts[]
  readonly vpns: readonly Vpn[]
  /** By page: `buf[0]`. */
  readonly labels: readonly string[]
  /** By page: index into `regions`. */
  readonly regionOf: readonly number[]
}

export function addressSpaceOf(written: readonly Region[]): AddressSpace {
  const regions = [...written].sort((a, b) => (BigInt(a.at) < BigInt(b.at) ? -1 : 1))
  const vpns: Vpn[] = []
  const labels: string[] = []
  const regionOf: number[] = []
  const facts = regions.map((region, i): RegionFacts => {
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
  return { regions, facts, vpns, labels, regionOf }
}
