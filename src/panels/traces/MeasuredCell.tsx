import type { CallbackFacts, ComparedCallback } from '../../core/conformance/facts.ts'
import { type Measured, pagesInWords, seenInWords, tablesInWords } from './measured.ts'
import { PageCells } from './PageCells.tsx'

interface Props {
  readonly measured: Measured | null
  readonly compared: ComparedCallback | null
  /** Page tables are among what changes. */
  readonly tables: boolean
}

/** What stood in the page table, and which pages were free, at the moment of one callback. */
export function MeasuredCell({ measured, compared, tables }: Props) {
  const facts = measured?.facts ?? compared?.measured ?? null
  if (facts === null) {
    const model = compared?.simulated ?? null
    return model === null ? null : <span className="muted">not measured; in the model {pagesInWords(model)}</span>
  }
  const withTables = tables && facts.tables > 0
  return (
    <span className="measured">
      <PageCells facts={facts} tables={withTables} />
      <span className="measured-words">
        <b>{pagesInWords(facts)}</b>
        {withTables && <span>{tablesInWords(facts)}</span>}
        {measured?.seen != null && <span className="muted">{seenInWords(measured)}</span>}
        <InModel compared={compared} />
      </span>
    </span>
  )
}

function InModel({ compared }: { readonly compared: ComparedCallback | null }) {
  if (compared?.agree !== false || compared.simulated === null) return null
  return <span className="is-broken">in the model {pagesInWords(compared.simulated)}</span>
}

/** Drawn for the row after the last: what became of it all. */
export function FreedCell({ pages, tables }: { readonly pages: number; readonly tables: number }) {
  const facts: CallbackFacts = {
    pages,
    mapped: 0,
    freed: pages,
    tables,
    tablesLinked: 0,
    tablesFreed: tables,
  }
  return (
    <span className="measured">
      <PageCells facts={facts} tables={tables > 0} />
      <b>{freedInWords(pages, tables)}</b>
    </span>
  )
}

function freedInWords(pages: number, tables: number): string {
  const all = [
    ...(pages === 0 ? [] : [`${pages} ${pages === 1 ? 'page' : 'pages'}`]),
    ...(tables === 0 ? [] : [`${tables} ${tables === 1 ? 'page table' : 'page tables'}`]),
  ]
  return all.length === 0 ? 'nothing freed' : `freed ${all.join(' and ')}`
}
