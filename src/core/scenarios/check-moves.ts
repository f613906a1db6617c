import type { Note } from './check-memory.ts'
import { regionFor } from './check-places.ts'
import type { CpuAction, Region, Scenario } from './scenario.ts'

/** UFFDIO_MOVE: writable anonymous pages of the app go to addresses of the app, as many, where nothing is mapped at the start. */
export function checkUffdMove(
  { memory: { regions } }: Scenario,
  action: Extract<CpuAction, { readonly do: 'uffd-move' }>,
  at: string,
  note: Note,
): void {
  const named = (field: 'region' | 'to'): Region | undefined => {
    const region = regions.find(r => r.name === action[field])
    if (region === undefined)
      note(
        `${at}.${field}`,
        `there is no region “${action[field]}”`,
        `Regions are ${regions.map(r => r.name).join(', ')}.`,
      )
    else if (region.kind !== 'anon' || region.protection !== 'rw' || region.mm !== undefined || region.huge === true)
      note(
        `${at}.${field}`,
        `${region.name} cannot be moved so`,
        'Name writable anonymous memory of the app, in small pages.',
      )
    return region
  }
  const [from, to] = [named('region'), named('to')]
  if (from === undefined || to === undefined) return
  if (from === to) note(`${at}.to`, 'pages are not moved to where they are', 'Name another region.')
  else if (from.pages !== to.pages)
    note(`${at}.to`, `${to.name} is not like ${from.name}`, `Give it ${from.pages} pages.`)
  else if (to.present !== 'none') note(`${at}.to`, `${to.name} has pages already`, 'Write "present": "none" there.')
}

/** Pages move to a region that is not there yet, of the same size and kind, and at the same places in its tables. */
export function checkMove(
  s: Scenario,
  action: Extract<CpuAction, { readonly do: 'mremap' }>,
  at: string,
  note: Note,
): void {
  const from = regionFor(s, action.region, `${at}.region`, note)
  const to = regionFor(s, action.to, `${at}.to`, note)
  if (from === undefined || to === undefined) return
  if (to.unmapped !== true)
    note(`${at}.to`, `${to.name} is there from the start`, 'Move to a region that has "unmapped": true.')
  if (to.pages !== from.pages || to.kind !== from.kind || (to.mm ?? 'app') !== (from.mm ?? 'app'))
    note(`${at}.to`, `${to.name} is not like ${from.name}`, `Give it kind "${from.kind}" and ${from.pages} pages.`)
  if (to.kind !== 'anon' && to.sharesWith !== (from.sharesWith ?? from.name))
    note(`${at}.to`, `${to.name} is of another file`, `Write "sharesWith": "${from.sharesWith ?? from.name}".`)
  const inTable = (region: Region): bigint => firstPageOf(region) % TABLE
  if (inTable(from) !== inTable(to))
    note(
      `${at}.to`,
      'its first page lies at another place in its page table',
      'Choose an address with the same lowest 21 bits.',
    )
  if (action.wholeTables !== true) return
  for (const region of [from, to]) checkWholeTables(s, region, `${at}.wholeTables`, note)
}

/** Page tables of a file are taken out wherever it is mapped. */
export function checkRetract(s: Scenario, name: string, at: string, note: Note): void {
  const region = regionFor(s, name, `${at}.region`, note)
  if (region === undefined) return
  if (region.kind !== 'file') note(`${at}.region`, `${region.name} is no file`, 'Name a region of kind "file".')
  const file = region.sharesWith ?? region.name
  for (const other of s.memory.regions) {
    if (other.name === file || other.sharesWith === file) checkWholeTables(s, other, `${at}.region`, note)
  }
}

/** The region has its page tables for itself, from the first page on. */
function checkWholeTables(s: Scenario, region: Region, at: string, note: Note): void {
  if (firstPageOf(region) % TABLE !== 0n)
    note(at, `${region.name} begins inside a page table`, 'Choose an address that is a multiple of 2 MiB.')
  const other = s.memory.regions.find(r => r !== region && tablesMeet(r, region))
  if (other !== undefined) note(at, `${other.name} lies in a page table of ${region.name}`, 'Give it another address.')
}

/** Pages that one PTE table translates. */
const TABLE = 512n

const firstPageOf = ({ at }: Region): bigint => (/^0x[0-9a-f]{1,16}$/i.test(at) ? BigInt(at) >> 12n : 0n)

/** Pages of both lie in one PTE table. */
function tablesMeet(a: Region, b: Region): boolean {
  const [first, last] = [a, b].map(r => firstPageOf(r) / TABLE) as [bigint, bigint]
  const end = (r: Region): bigint => (firstPageOf(r) + BigInt(r.pages) - 1n) / TABLE
  return (a.mm ?? 'app') === (b.mm ?? 'app') && first <= end(b) && last <= end(a)
}
