import type { Evidence } from '../evidence.ts'
import type { Promised } from '../promises.ts'
import { type Kind, ofTouched } from './kind.ts'

const TOLD_NOBODY: Promised = {
  sentence: 'No notifier is told of it: nothing was there that anybody could have cached.',
  in: ({ moments }: Evidence) => {
    const told = moments.find(m => 'pages' in m)
    if (told === undefined) return { holds: 'holds', where: null }
    return { holds: 'fails', where: told.line === null ? 'one is' : `one is (line ${told.line})` }
  },
}

/** Faults that bring in pages, one after another, all for reading or all for writing: do_anonymous_page() and others, mm/memory.c */
export const fault: Kind = {
  name: 'fault',
  title: 'page faults',
  is: s =>
    s.by === 'fault' && s.did.has('page-allocated') && !['do_wp_page', 'do_swap_page'].some(what => s.did.has(what)),
  range: ofTouched,
  promises: [TOLD_NOBODY],
}
