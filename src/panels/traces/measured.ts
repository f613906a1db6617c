import type { CallbackFacts } from '../../core/conformance/facts.ts'

/** What a callback of the notifier found in the page table and in the pages themselves. */
export interface Measured {
  /** The line of the callback. */
  readonly line: number
  readonly facts: CallbackFacts | null
  /** The pages it reported one by one: the first few of its range. */
  readonly seen: {
    readonly pages: number
    readonly entries: readonly string[]
    readonly references: readonly [number, number]
    readonly mappings: readonly [number, number]
  } | null
}

/** `4 of 4 unmapped, none freed` */
export function pagesInWords({ pages, mapped, freed }: CallbackFacts): string {
  if (pages === 0) return 'no page'
  if (mapped === pages) return `${pages} of ${pages} mapped`
  const gone = pages - mapped
  if (freed === gone) return `${gone} of ${pages} freed`
  return `${gone} of ${pages} unmapped, ${freed === 0 ? 'none' : freed} freed`
}

/** `3 of 3 tables unlinked, none freed`; empty where there are none. */
export function tablesInWords({ tables, tablesLinked, tablesFreed }: CallbackFacts): string {
  if (tables === 0) return ''
  if (tablesLinked === tables) return `${tables} of ${tables} tables linked`
  const gone = tables - tablesLinked
  return `${gone} of ${tables} tables unlinked, ${tablesFreed === 0 ? 'none' : tablesFreed} freed`
}

/** `PTE none, refcount 1, map count 0`, and how many pages that was read from if not from all. */
export function seenInWords({ facts, seen }: Measured): string {
  if (seen === null) return ''
  const some = facts !== null && facts.pages > seen.pages ? ` (the first ${seen.pages})` : ''
  return `PTE ${seen.entries.join(', ')} · refcount ${extent(seen.references)} · map count ${extent(seen.mappings)}${some}`
}

const extent = ([least, most]: readonly [number, number]): string =>
  least === most ? `${least}` : `${least} to ${most}`
