import type { RecordedCallback } from './timed.ts'

/**
 * Outside of every pair a module measures what it was told to remember last, which may be frames that went long ago: where a page was
 * another frame than start() has found there, nothing that it says is of this operation.
 */
export function ofThesePages(callbacks: readonly RecordedCallback[]): RecordedCallback[] {
  const found = new Map<number, number>()
  return callbacks.map(c => {
    if (c.kind === 'start') for (const p of c.pages) found.set(p.vpn, p.was)
    const stale =
      c.ofAnother === true ||
      (c.kind === 'secondary' && c.pages.some(p => found.has(p.vpn) && found.get(p.vpn) !== p.was))
    return stale ? { ...c, pages: [], tables: [], summary: null } : c
  })
}
