import type { MmFacts, RegionFacts } from '../machine/setup.ts'
import { placesFor } from '../machine/shape.ts'
import { asVpn, SPACE, type Vpn } from '../units.ts'
import type { Region } from './scenario.ts'

/** Every page that a scenario speaks of, by address space and in order of address, with its name and its region. */
export interface AddressSpace {
  /** The regions as written, by address space and in order of address; `facts` lists the same. */
  readonly regions: readonly Region[]
  readonly facts: readonly RegionFacts[]
  readonly vpns: readonly Vpn[]
  /** By page: `buf[0]`. */
  readonly labels: readonly string[]
  /** By page: index into `regions`. */
  readonly regionOf: readonly number[]
  readonly mms: readonly MmFacts[]
}

/** The regions of a scenario, by process and address, and their pages numbered through. */
export function addressSpaceOf(written: readonly Region[]): AddressSpace {
  const regions = [...written].sort((a, b) => mmOf(a) - mmOf(b) || (BigInt(a.at) < BigInt(b.at) ? -1 : 1))
  const vpns: Vpn[] = []
  const labels: string[] = []
  const regionOf: number[] = []
  const facts = regions.map((region, i): RegionFacts => {
    const first = vpns.length
    const base = Number(BigInt(region.at) >> 12n) + (meetsAnother(region, regions) ? mmOf(region) * SPACE : 0)
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
      mm: mmOf(region),
      first,
      end: vpns.length,
    }
  })
  return { regions, facts, vpns, labels, regionOf, mms: mmsOf(facts, vpns) }
}

/** Another address space has a region at the same address: the pages of the two are told apart above the bits of an address. */
const meetsAnother = (region: Region, all: readonly Region[]): boolean =>
  all.some(
    other => mmOf(other) !== mmOf(region) && BigInt(other.at) < endOf(region) && BigInt(region.at) < endOf(other),
  )

const endOf = ({ at, pages }: Region): bigint => BigInt(at) + BigInt(pages) * 4096n

/** Address spaces by number. The app's is 0, even where it has no region. */
export const MM_NAMES: readonly string[] = ['app', 'child']

const mmOf = (region: Region): number => MM_NAMES.indexOf(region.mm ?? 'app')

function mmsOf(facts: readonly RegionFacts[], vpns: readonly Vpn[]): MmFacts[] {
  const count = 1 + Math.max(0, ...facts.map(f => f.mm))
  const ends = Array.from({ length: count }, (_, mm) => vpns.length - facts.filter(f => f.mm > mm).reduce(pagesIn, 0))
  const { places } = placesFor(vpns, ends)
  return ends.map((end, mm) => {
    const first = ends[mm - 1] ?? 0
    const root = places.findIndex(p => p.parent < 0 && p.firstPage >= first && p.firstPage < end)
    return { name: MM_NAMES[mm] ?? '', first, end, root }
  })
}

const pagesIn = (sum: number, f: RegionFacts): number => sum + f.end - f.first
