import type { Note } from './check-memory.ts'
import type { ConsumerSpec, CpuAction, Region, Scenario } from './scenario.ts'

const TABLE = 512n

/** What is modelled of a region that is, or may become, one huge page. */
const FOR_HUGE: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'munmap',
  'brk',
  'madvise-dontneed',
  'truncate',
  'collapse',
  'thp-split',
  'gup-fast',
  'speculate',
  'read',
  'write',
])

/** Regions of huge pages: how they lie, and what is done with them. */
export function checkHuge(s: Scenario, note: Note): void {
  const { regions } = s.memory
  const named = new Set(
    s.cpus.flatMap(({ script }) =>
      script.flatMap(a => (a.do === 'collapse' || a.do === 'thp-split' ? [a.region] : [])),
    ),
  )
  regions.forEach((region, r) => {
    if (region.huge !== true && !named.has(region.name)) return
    const at = `memory.regions[${r}]`
    checkStretch(region, regions, at, note)
    checkPages(s, region, at, note)
  })
  s.cpus.forEach((cpu, c) => {
    cpu.script.forEach((action, i) => {
      const region = regions.find(other => other.name === nameIn(action))
      if (region === undefined || (region.huge !== true && !named.has(region.name))) return
      checkUse(action, region, `cpus[${c}].script[${i}]`, note)
    })
  })
}

const nameIn = (action: CpuAction): string | undefined =>
  'region' in action ? action.region : 'page' in action ? action.page.replace(/\[.*$/, '') : undefined

/** It has a page table's stretch of addresses for itself, from its beginning. */
function checkStretch(region: Region, regions: readonly Region[], at: string, note: Note): void {
  const first = firstPage(region)
  if (first === undefined) return
  if (first % TABLE !== 0n)
    note(`${at}.at`, 'a huge page begins at a multiple of 2 MiB', 'Choose an address whose lowest 21 bits are 0.')
  if (BigInt(region.pages) > TABLE) note(`${at}.pages`, 'a huge page has 512 pages', 'Write 512 or less.')
  const neighbour = regions.find(other => {
    const theirs = firstPage(other)
    if (other === region || theirs === undefined || (other.mm ?? 'app') !== (region.mm ?? 'app')) return false
    return theirs < first + TABLE && theirs + BigInt(other.pages) > first
  })
  if (neighbour !== undefined)
    note(`${at}.at`, `${neighbour.name} lies in the same 2 MiB`, 'Give the huge page that stretch for itself.')
}

function checkPages(s: Scenario, region: Region, at: string, note: Note): void {
  if (region.huge === true && region.present !== 'all')
    note(`${at}.present`, 'a huge page is there with all its pages', 'Write "all".')
  if (region.kind === 'pfnmap') note(`${at}.kind`, 'a driver’s frames are no huge page here', 'Write "anon" or "file".')
  if (region.pinned !== undefined)
    note(`${at}.pinned`, 'pages of a huge page cannot be pinned one by one here', 'Leave it out.')
  const sharer = s.memory.regions.findIndex(other => other.sharesWith === region.name)
  const sharing = region.sharesWith !== undefined ? at : sharer >= 0 ? `memory.regions[${sharer}]` : undefined
  if (sharing !== undefined)
    note(`${sharing}.sharesWith`, 'a huge page is mapped in one place here', 'Leave sharesWith out.')
  const user = (s.consumers ?? []).findIndex(c => uses(c, region.name))
  if (user >= 0 && region.huge === true)
    note(`consumers[${user}]`, `${region.name} is a huge page`, 'Give it a region of small pages.')
}

/** It has translations of pages of the region. */
function uses(c: ConsumerSpec, region: string): boolean {
  if (c.kind === 'kvm') return c.memslots.some(slot => slot.region === region)
  return c.kind === 'gpu' ? c.driver.some(a => a.page.startsWith(`${region}[`)) : c.region === region
}

function checkUse(action: CpuAction, region: Region, at: string, note: Note): void {
  if (!FOR_HUGE.has(action.do)) {
    const mend = `It can be: ${[...FOR_HUGE].join(', ')}.`
    note(`${at}.do`, `${action.do} is not modelled for huge pages`, mend)
  } else if ('first' in action || ('pages' in action && action.pages !== region.pages)) {
    note(
      at,
      'part of a huge page can only go when it has been split, which is not done by itself here',
      'Name all of it.',
    )
  }
}

const firstPage = (region: Region): bigint | undefined =>
  /^0x[0-9a-f]{1,16}$/i.test(region.at) ? BigInt(region.at) / 4096n : undefined
