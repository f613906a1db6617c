import { BUGS } from '../../core/bugs/bug-list.ts'
import { COST_BUGS } from '../../core/bugs/cost-bugs.ts'
import type { LabStore } from '../../store/lab-store.ts'
import type { PaletteEntry } from './palette-entries.ts'

/** The bugs of the shelf as lines of the palette: found by number, title, CVE, commit or operation. Loaded when it opens. */
export const bugEntries = (store: LabStore): readonly PaletteEntry[] =>
  [...BUGS, ...COST_BUGS]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, title, cves, tags, introducedBy, fixedBy }) => ({
      group: 'Bug',
      name: `${id}: ${title}`,
      hint: [...cves.map(cve => cve.id), ...tags.operations].join(' · '),
      words: [...introducedBy, ...fixedBy].map(change => change.id).join(' '),
      run: () => store.getState().go('bugs', id),
    }))
