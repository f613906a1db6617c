import { memo, useCallback, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { Matrix, type MatrixCell } from '../../panels/explore/Matrix.tsx'
import type { ScenarioCard } from '../../worker/lab-api.ts'
import { Copying } from './Copying.tsx'
import { MATRIX_HEADS, matrixMarkdown, matrixQuestions, matrixRows } from './matrix-view.ts'
import { session } from './session.ts'
import { useCopy } from './use-copy.ts'

interface Props {
  readonly scenarios: readonly ScenarioCard[]
  /** Name of the question that is looked at. */
  readonly current: string | null
  /** The reader asked for the search of a cell. */
  readonly onSearch: () => void
}

/** Which fix mends which bug. Filled in the background; leaving the place does not stop it. */
export const MatrixCard = memo(({ scenarios, current, onSearch }: Props) => {
  const cells = useStore(session, s => s.cells)
  const matrix = useStore(session, s => s.matrix)
  const { copied, copy } = useCopy()
  const questions = useMemo(() => matrixQuestions(scenarios), [scenarios])
  const rows = useMemo(() => matrixRows(scenarios, cells, current), [scenarios, cells, current])
  useEffect(() => void session.getState().fill(questions), [questions])

  const { pause, resume } = session.getState()
  const all = rows.flatMap(r => r.cells)
  const answered = all.filter(c => c.href !== null).length
  const follow = useCallback(
    (cell: MatrixCell) => {
      if (cell.href !== cell.id) return
      session.getState().searchNext(cell.id)
      onSearch()
    },
    [onSearch],
  )
  return (
    <section
      className="explore-matrix"
      aria-labelledby="matrix-title"
      data-matrix={matrix === 'empty' ? 'running' : matrix}
    >
      <header>
        <h2 id="matrix-title">Fix × bug</h2>
        <p className="muted">
          Each cell is every interleaving, searched here, one after the other. {answered} of {all.length} answered.
        </p>
        <span className="explore-exports">
          {matrix === 'running' && (
            <button type="button" className="explore-button" onClick={pause}>
              Pause
            </button>
          )}
          {matrix === 'paused' && (
            <button type="button" className="explore-button" onClick={resume}>
              Go on
            </button>
          )}
          <button
            type="button"
            className="explore-button"
            onClick={() => void copy('The matrix in Markdown', matrixMarkdown(rows))}
          >
            Copy as Markdown
          </button>
        </span>
      </header>
      <Copying copied={copied} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="matrix-scroll" aria-label="The matrix" tabIndex={0}>
        <Matrix heads={MATRIX_HEADS} rows={rows} onFollow={follow} />
      </section>
    </section>
  )
})
