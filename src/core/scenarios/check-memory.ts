import type { Memory, Region } from './scenario.ts'

/** Notes a problem at a JSON path. */
export type Note = (at: string, message: string, mend: string) => void

/** First address that user space cannot have, with four levels of page tables. TASK_SIZE_MAX, give or take its guard page. */
const USER_END = 0x8000_0000_0000n
/** The kernel's half, with four levels of page tables. */
const KERNEL_START = 0xffff_8000_0000_0000n
const KERNEL_END = 0x1_0000_0000_0000_0000n
const PAGE = 4096n
/** Pages of all regions together: what keeps states and programs small enough to step through. */
export const MOST_PAGES = 1024
/** Frames that the kernel keeps for itself, as build.ts deals them out. */
const RESERVED = 1

/** Regions, their addresses, and whether there are frames enough for what is mapped at the start. */
export function checkMemory({ frames, regions, zeroPage }: Memory, note: Note): void {
  const bases = regions.map((region, r) => checkRegion(region, `memory.regions[${r}]`, note))
  const sound = bases.every(base => base !== undefined)
  regions.forEach((region, r) => {
    const twin = regions.findIndex(other => other.name === region.name)
    if (twin < r) note(`memory.regions[${r}].name`, `“${region.name}” is taken`, 'Give each region a name of its own.')
    const over = regions.findIndex(
      (other, o) => o < r && (other.mm ?? 'app') === (region.mm ?? 'app') && overlap(region, bases[r], other, bases[o]),
    )
    if (over >= 0) {
      const mend = 'Move one of them, or make it smaller.'
      note(`memory.regions[${r}].at`, `it overlaps ${regions[over]?.name ?? ''}`, mend)
    }
  })
  const pages = regions.reduce((sum, region) => sum + region.pages, 0)
  if (pages > MOST_PAGES) {
    note('memory.regions', `${pages} pages in all are more than can be shown`, `Make do with ${MOST_PAGES}.`)
  } else if (sound) {
    const needed = framesNeeded(regions, bases as readonly bigint[]) + (zeroPage === true ? 1 : 0)
    if (needed > frames) {
      note('memory.frames', `${needed} frames are in use before the first step`, `Write ${needed} or more.`)
    }
  }
}

/** The number of the region's first page; undefined when its address is none. */
function checkRegion(region: Region, at: string, note: Note): bigint | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(region.name)) {
    note(`${at}.name`, 'this cannot be a name', 'Begin with a letter a to z; go on with those, digits and _.')
  }
  checkPages(region, region.pinned ?? [], `${at}.pinned`, note)
  if (typeof region.present !== 'string') checkPages(region, region.present, `${at}.present`, note)
  if (region.uncounted === true && region.kind !== 'pfnmap') {
    note(
      `${at}.uncounted`,
      'only frames that a driver maps by number can be so',
      'Write kind "pfnmap", or leave it out.',
    )
  }
  if (region.unmapped === true && region.present !== 'none') {
    note(`${at}.present`, 'an unmapped region has no page present', 'Write "none".')
  }
  const present = presentPages(region)
  const i = (region.pinned ?? []).findIndex(page => page < region.pages && !present.includes(page))
  if (i >= 0) note(`${at}.pinned[${i}]`, 'only a page that is present can be pinned', 'Leave it out here.')
  return checkAddress(region, at, note)
}

function checkAddress(region: Region, at: string, note: Note): bigint | undefined {
  if (!/^0x[0-9a-f]{1,16}$/i.test(region.at)) {
    note(`${at}.at`, 'this is no address', 'Write it in hexadecimal: "0x100000000000".')
    return undefined
  }
  const address = BigInt(region.at)
  if (address % PAGE !== 0n) {
    note(`${at}.at`, 'a region begins at a page boundary', `Write "0x${(address - (address % PAGE)).toString(16)}".`)
    return undefined
  }
  if (address === 0n) {
    note(`${at}.at`, 'page 0 is never mapped, so that null pointers fault', 'Begin at "0x1000" or above.')
    return undefined
  }
  if (region.kind === 'kernel') {
    if (address < KERNEL_START)
      note(`${at}.at`, 'it lies below the kernel’s half', `Begin at "0x${KERNEL_START.toString(16)}" or above.`)
    else if (address + BigInt(region.pages) * PAGE > KERNEL_END)
      note(`${at}.at`, 'it reaches beyond the last address', 'Move it down.')
    else return address / PAGE
    return undefined
  }
  if (address + BigInt(region.pages) * PAGE > USER_END) {
    note(`${at}.at`, 'it reaches beyond what user space can have', `Stay below 0x${USER_END.toString(16)}.`)
    return undefined
  }
  return address / PAGE
}

function checkPages(region: Region, pages: readonly number[], at: string, note: Note): void {
  pages.forEach((page, i) => {
    if (page >= region.pages) note(`${at}[${i}]`, `${region.name} has pages 0 to ${region.pages - 1}`, 'Name those.')
    else if (pages.indexOf(page) < i) note(`${at}[${i}]`, `page ${page} is named twice`, 'Name it once.')
  })
}

function overlap(a: Region, baseA: bigint | undefined, b: Region, baseB: bigint | undefined): boolean {
  if (baseA === undefined || baseB === undefined) return false
  return baseA < baseB + BigInt(b.pages) && baseB < baseA + BigInt(a.pages)
}

function presentPages(region: Region): readonly number[] {
  if (region.unmapped === true || region.present === 'none') return []
  if (region.present === 'all') return Array.from({ length: region.pages }, (_, i) => i)
  return region.present
}

/** Frames dealt out by build.ts: page cache, page tables of what is present, and a frame for each present page that has none. */
function framesNeeded(regions: readonly Region[], bases: readonly bigint[]): number {
  let frames = RESERVED + 1 + (regions.some(r => r.mm === 'child') ? 1 : 0) // a PGD for each address space
  const tables = new Set<string>()
  regions.forEach((region, r) => {
    const present = presentPages(region)
    // Shared pages have one frame; to count two where the other region has none mapped asks for too many, not too few.
    const shares = region.sharesWith !== undefined && region.kind !== 'anon'
    frames += shares ? 0 : region.kind !== 'anon' && region.kind !== 'kernel' ? region.pages : present.length
    for (const page of present) {
      const vpn = Number(bases[r]) + page
      for (const span of [512, 512 ** 2, 512 ** 3])
        tables.add(`${region.mm ?? 'app'} ${span} ${Math.floor(vpn / span)}`)
    }
  })
  return frames + tables.size
}
