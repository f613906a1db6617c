import type { CallbackFacts } from '../../core/conformance/facts.ts'

/** Pages drawn one by one; more of them are shares of a bar. */
const MOST_CELLS = 16

/** The pages, and then the page tables, of a callback's range as small cells: mapped, unmapped, freed. */
export function PageCells({ facts, tables }: { readonly facts: CallbackFacts; readonly tables: boolean }) {
  const unmapped = facts.pages - facts.mapped - facts.freed
  const unlinked = facts.tables - facts.tablesLinked - facts.tablesFreed
  return (
    <span className="page-cells" aria-hidden="true">
      <Row
        shares={[
          ['mapped', facts.mapped],
          ['unmapped', unmapped],
          ['freed', facts.freed],
        ]}
      />
      {tables && (
        <Row
          shares={[
            ['table', facts.tablesLinked],
            ['unmapped', unlinked],
            ['freed', facts.tablesFreed],
          ]}
          round
        />
      )}
    </span>
  )
}

interface RowProps {
  readonly shares: readonly (readonly [use: string, count: number])[]
  readonly round?: boolean
}

function Row({ shares, round = false }: RowProps) {
  const some = shares.filter(([, count]) => count > 0)
  const all = some.reduce((sum, [, count]) => sum + count, 0)
  if (all === 0) return null
  if (all > MOST_CELLS)
    return (
      <span className="page-bar">
        {some.map(([use, count]) => (
          <span key={use} className={`cell use-${use}`} style={{ flexGrow: count }} />
        ))}
      </span>
    )
  return (
    <span className={round ? 'page-row is-tables' : 'page-row'}>
      {some.flatMap(([use, count]) =>
        Array.from({ length: count }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: cells of one kind are alike
          <span key={`${use} ${i}`} className={`cell use-${use}`} />
        )),
      )}
    </span>
  )
}
