import type { Materials } from '../../worker/edit-api.ts'
import { readLink } from '../link.ts'
import type { Draft } from './drafts.ts'

/** What there is to open, and what must be said about it. */
interface Arrival {
  /** A scenario that is kept here; null: `text`, which is not. */
  readonly kept: Draft | null
  readonly text: string
  /** The query that leads to `text` again; null when none does. */
  readonly query: string | null
  readonly notice: string | null
}

/**
 * What the query of a hash names: `d=1a2b` a scenario that is kept here, `s=munmap-plain` a shipped one, with `x=…` the one
 * that came along, `s=` an empty one. Whatever it is fed, there is something to open.
 */
export function arrival(
  query: string | null,
  drafts: readonly Draft[],
  materials: Materials | null,
  emptyText: (materials: Materials) => string,
): Arrival {
  const shipped = materials?.shipped ?? []
  const last = (notice: string | null): Arrival => {
    if (drafts[0] !== undefined) return { kept: drafts[0], text: drafts[0].text, query: null, notice }
    const [first] = shipped
    return { kept: null, text: first?.text ?? '', query: first === undefined ? null : `s=${first.id}`, notice }
  }
  if (query === null) return last(null)
  if (query === NEW && materials !== null) return { kept: null, text: emptyText(materials), query, notice: null }
  const id = /^d=([\w-]{1,64})$/.exec(query)?.[1]
  if (id !== undefined) {
    const kept = drafts.find(d => d.id === id)
    if (kept !== undefined) return { kept, text: kept.text, query: null, notice: null }
    return last('The scenario of this address is not saved in this browser. Opened instead: the one edited last.')
  }
  const { link, problems } = readLink(query)
  if (link?.custom !== undefined) {
    const twin = drafts.find(d => d.text === link.custom)
    return { kept: twin ?? null, text: link.custom, query, notice: null }
  }
  const named = shipped.find(s => s.id === link?.scenario)
  if (named !== undefined && problems.length === 0) return { kept: null, text: named.text, query, notice: null }
  const [problem] = problems
  const why =
    problem === undefined
      ? `there is no scenario “${link?.scenario.slice(0, 40) ?? ''}”`
      : `${problem.at}: ${problem.message}`
  return last(`The link could not be followed: ${why}. Opened instead: the one edited last.`)
}

/** The query of an empty scenario. */
export const NEW = 'new'
