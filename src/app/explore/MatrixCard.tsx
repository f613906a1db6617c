import { memo, useCallback, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { Cell, Matrix, type MatrixPlace } from '../../panels/explore/Matrix.tsx'
import type { ScenarioCard } from '../../worker/lab-api.ts'
import { Copying } from './Copying.tsx'
import { answeredOf, cellView, MATRIX_HEADS, matrixMarkdown, matrixQuestions, matrixRows } from './matrix-view.ts'
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
  const answered = useStore(session, s => answeredOf(s.cells))
  const matrix = useStore(session, s => s.matrix)
  const { copied, copy } = useCopy()
  const questions = useMemo(() => matrixQuestions(scenarios), [scenarios])
  const rows = useMemo(() => matrixRows(scenarios), [scenarios])
  useEffect(() => void session.getState().fill(questions), [questions])

  const { pause, resume } = session.getState()
  const draw = useCallback(
    (place: MatrixPlace) => <LiveCell {...place} current={place.id === current} onSearch={onSearch} />,
    [current, onSearch],
  )
  return (
    <section
      className="explore-matrix"
      aria-labelledby="matrix-title"
      data-matrix={matrix === 'empty' ? 'running' : matrix}
    >
      <header>
        <h2 id="matrix-title">Scenario × kernel</h2>
        <p className="muted">
          Each cell is a search of every interleaving, made in this browser; a search that you begin goes first.{' '}
          {answered} of {questions.length} answered.
        </p>
        <span className="explore-exports">
          {matrix === 'running' && (
            <button type="button" className="press" onClick={pause}>
              Pause
            </button>
          )}
          {matrix === 'paused' && (
            <button type="button" className="press" onClick={resume}>
              Go on
            </button>
          )}
          <button
            type="button"
            className="press"
            onClick={() => void copy('The matrix in Markdown', matrixMarkdown(rows, session.getState().cells))}
          >
            Copy as Markdown
          </button>
        </span>
      </header>
      <Copying copied={copied} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="matrix-scroll" aria-label="The matrix" tabIndex={0}>
        <Matrix heads={MATRIX_HEADS} rows={rows} draw={draw} />
      </section>
    </section>
  )
})

interface LiveProps extends MatrixPlace {
  readonly current: boolean
  readonly onSearch: () => void
}

/** A cell that listens for its own answer: what comes in for another one does not draw it again. */
const LiveCell = memo(({ id, asked, kernel, where, at, reachable, current, onSearch }: LiveProps) => {
  const answer = useStore(session, s => s.cells.get(asked))
  const cell = cellView(answer, id, kernel)
  const follow = () => {
    if (cell.href !== id) return
    session.getState().searchNext(id)
    onSearch()
  }
  return <Cell place={{ where, at, reachable }} cell={cell} current={current} onFollow={follow} />
})
