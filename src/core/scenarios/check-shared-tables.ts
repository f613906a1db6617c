import type { Note } from './check-memory.ts'
import type { CpuAction, Region, Scenario } from './scenario.ts'

/** What can be done with memory whose page table two processes share. */
const KNOWN: ReadonlySet<CpuAction['do']> = new Set<CpuAction['do']>([
  'munmap',
  'read',
  'write',
  'speculate',
  'gup-fast',
])
const TABLE = 512n

/** Regions that share a page table: alike in everything, each alone in its table, and unmapped as a whole. */
export function checkSharedTables({ memory: { regions }, cpus }: Scenario, note: Note): void {
  const shared = new Set<string>()
  for (const [r, region] of regions.entries()) {
    if (region.sharesTable === undefined) continue
    const at = `memory.regions[${r}].sharesTable`
    const other = regions.find(o => o.name === region.sharesTable)
    if (other === undefined || other.mm !== undefined || region.mm !== 'child') {
      note(at, 'a page table is shared between a region of the child and one of the app', 'Name a region of the app.')
      continue
    }
    shared.add(region.name).add(other.name)
    if (!alike(region, other))
      note(at, `${other.name} is not like it`, `Write what ${other.name} has: pages, present, place in the table.`)
    for (const one of [region, other]) {
      const near = regions.find(o => o !== one && (o.mm ?? '') === (one.mm ?? '') && sameTable(o, one))
      if (near !== undefined) note(at, `${near.name} lies in the same page table as ${one.name}`, 'Move it 2 MiB away.')
    }
  }
  cpus.forEach((cpu, c) => {
    cpu.script.forEach((action, i) => {
      const name = 'region' in action ? action.region : 'page' in action ? action.page.replace(/\[.*$/, '') : ''
      if (!shared.has(name)) return
      const at = `cpus[${c}].script[${i}]`
      if (!KNOWN.has(action.do))
        note(
          `${at}.do`,
          `${name} has a shared page table, which ${action.do} does not know`,
          'Unmap, read or write it.',
        )
      else if ('first' in action || ('pages' in action && action.pages !== undefined))
        note(at, `${name} is unmapped as a whole`, 'Leave out first and pages.')
    })
  })
}

const vpn = (region: Region): bigint => (/^0x[0-9a-f]{1,16}$/i.test(region.at) ? BigInt(region.at) >> 12n : 0n)

const alike = (a: Region, b: Region): boolean =>
  a.kind === 'anon' &&
  b.kind === 'anon' &&
  a.sharesWith === undefined &&
  b.sharesWith === undefined &&
  b.sharesTable === undefined &&
  a.unmapped !== true &&
  b.unmapped !== true &&
  a.pages === b.pages &&
  a.protection === b.protection &&
  JSON.stringify(a.present) === JSON.stringify(b.present) &&
  vpn(a) % TABLE === vpn(b) % TABLE &&
  (vpn(a) % TABLE) + BigInt(a.pages) <= TABLE

const sameTable = (a: Region, b: Region): boolean =>
  vpn(a) / TABLE <= (vpn(b) + BigInt(b.pages) - 1n) / TABLE && vpn(b) / TABLE <= (vpn(a) + BigInt(a.pages) - 1n) / TABLE
