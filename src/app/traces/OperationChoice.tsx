import type { StepReport } from '../../core/conformance/report.ts'
import { hexAddr, type PageRange } from '../../core/units.ts'
import type { StepMore } from '../../worker/trace-api.ts'

interface Props {
  readonly step: StepReport
  readonly more: StepMore
  readonly chosen: number
  readonly onChoose: (operation: number) => void
}

/** Which of the step's operations is held against the model below. */
export function OperationChoice({ step, more, chosen, onChoose }: Props) {
  const { operations } = step
  return (
    <p className="operation-choice">
      <label>
        Operation{' '}
        <select value={chosen} onChange={e => onChoose(Number(e.target.value))}>
          {operations.map(({ title, description, verdict }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an operation is its place in the step
            <option key={i} value={i}>
              {i + 1}: {title}, {pagesText(description.range)} {hexAddr(description.range.start)}, line{' '}
              {more.phaseLines[i]?.[0] ?? '?'}
              {verdict === 'same' ? '' : verdict === 'differs' ? ', differs' : ', not simulated'}
            </option>
          ))}
        </select>
      </label>{' '}
      <span className="muted">
        of {operations.length + more.left.operations}
        {more.left.operations > 0 && `; ${more.left.operations} more, none of which differs, cannot be chosen`}
      </span>
    </p>
  )
}

/** Beyond a tebibyte it is no range that somebody named, but from the first page to the last. */
function pagesText({ start, end }: PageRange): string {
  const pages = end - start
  if (pages > 2 ** 28) return 'from'
  return pages === 1 ? '1 page at' : `${pages} pages at`
}
