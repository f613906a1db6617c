import { nearest } from '../base/nearest.ts'
import type { Note } from './check-memory.ts'
import type { Region, Scenario } from './scenario.ts'

/** `buf[3]`; for devices also `buf[any]`. */
export function checkPage(s: Scenario, text: string, any: boolean, at: string, note: Note): void {
  const match = /^([^[\]]*)\[(0|[1-9]\d*|any)\]$/.exec(text)
  if (match === null) {
    note(at, 'this names no page', `Write a region and a page in it: buf[0]${any ? ', or buf[any]' : ''}.`)
    return
  }
  const region = regionFor(s, match[1] ?? '', at, note)
  if (region === undefined) return
  if (match[2] === 'any') {
    if (!any) note(at, 'only a device can choose a page as it goes', `Write a page: ${region.name}[0].`)
  } else if (Number(match[2]) >= region.pages) {
    note(at, `${region.name} has pages 0 to ${region.pages - 1}`, 'Name one of them.')
  }
}

/** The region of this name; where there is none, a complaint at `at`. */
export function regionFor(s: Scenario, name: string, at: string, note: Note): Region | undefined {
  const region = s.memory.regions.find(r => r.name === name)
  if (region !== undefined) return region
  const names = s.memory.regions.map(r => r.name)
  const meant = nearest(name, names)
  const mend = meant === undefined ? `Regions are ${names.join(', ')}.` : `Did you mean “${meant}”?`
  note(at, `there is no region “${name.length <= 40 ? name : `${name.slice(0, 39)}…`}”`, mend)
  return undefined
}

/** Names stand in tables, lanes and exports, each on one line. */
export const hasControl = (text: string): boolean => [...text].some(c => c < ' ' || (c >= '\u007f' && c <= '\u009f'))
