import type { Note } from './check-memory.ts'
import type { Region } from './scenario.ts'

/** Frames that a driver has mapped by number are on no list of reclaim: vm_normal_page() finds no page. */
export function checkReclaimed(region: Region, at: string, note: Note): void {
  if (region.kind === 'pfnmap')
    note(at, `${region.name} is a driver’s memory`, 'Name a region of kind "anon" or "file".')
}

/** The region that `buf[0]` lies in. */
export const regionOfPage = (regions: readonly Region[], page: string): Region | undefined =>
  regions.find(r => r.name === page.replace(/\[.*$/, ''))
