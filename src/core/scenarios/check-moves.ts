import type { Note } from './check-memory.ts'
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
