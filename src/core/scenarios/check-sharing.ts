import type { Note } from './check-memory.ts'
import type { Region } from './scenario.ts'

/** Regions that share their pages with another's: of the same kind and size, and the other does not share in turn. */
export function checkSharing(regions: readonly Region[], note: Note): void {
  for (const [r, region] of regions.entries()) {
    if (region.sharesWith === undefined) continue
    const at = `memory.regions[${r}].sharesWith`
    const other = regions.find(o => o.name === region.sharesWith && o !== region)
    if (other === undefined) {
      note(at, `there is no other region “${region.sharesWith}”`, 'Name the region whose pages these are too.')
    } else if (other.sharesWith !== undefined) {
      note(at, `${other.name} shares its pages with ${other.sharesWith}`, `Name ${other.sharesWith}.`)
    } else if (other.kind !== region.kind || other.pages !== region.pages) {
      note(at, `${other.name} is not of the same kind and size`, `Write kind "${other.kind}" and ${other.pages} pages.`)
    } else if (order(region, regions) < order(other, regions)) {
      note(
        at,
        `${other.name} comes after ${region.name}`,
        'Let the region in the child, or the one at the higher address, share.',
      )
    }
  }
}

/** Pages are dealt out by address space and address, and a page can only share what has been dealt out. */
const order = (region: Region, regions: readonly Region[]): number =>
  regions.filter(
    o =>
      (o.mm ?? '') < (region.mm ?? '') ||
      ((o.mm ?? '') === (region.mm ?? '') && (address(o) ?? 0n) < (address(region) ?? 0n)),
  ).length

const address = (region: Region): bigint | undefined =>
  /^0x[0-9a-f]{1,16}$/i.test(region.at) ? BigInt(region.at) : undefined
