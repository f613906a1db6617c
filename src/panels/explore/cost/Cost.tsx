import type { ReactNode } from 'react'
import { CostChart } from './CostChart.tsx'
import './cost.css'
import { DriverShape } from './DriverShape.tsx'
import { type CostColumn, type CostMeasure, coverageWords, seriesOf } from './series.ts'

interface Props {
  readonly families: readonly { readonly id: string; readonly title: string }[]
  readonly measures: readonly CostMeasure[]
  readonly columns: readonly CostColumn[]
  readonly hrefOf: (column: number, schedule: string) => string
  readonly count: (n: number) => string
  /** Beside the lead: what can be done with all of it. */
  readonly children?: ReactNode
}

/** Small multiples: what one scenario costs, a chart for each measure, kernels across. */
export function Cost({ families, measures, columns, hrefOf, count, children }: Props) {
  const series = seriesOf(measures, columns)
  const drivers = [...new Set(columns.map(c => c.driver))]
  return (
    <div className="cost">
      {coverageWords(columns, count).map(sentence => (
        <p key={sentence} className="cost-coverage">
          {sentence}
        </p>
      ))}
      <div className="cost-legend">
        <ul aria-label="How to read the charts">
          {drivers.map(driver => (
            <li key={driver}>
              <Sign>
                <DriverShape driver={driver} />
              </Sign>
              {driver}, everybody in turn
            </li>
          ))}
          <li>
            <Sign>
              <path d="M0 -8V8M-3 -8H3M-3 8H3" className="cost-range" />
            </Sign>
            least to most
          </li>
          <li>
            <Sign>
              <path d="M-8 0H8" className="cost-mean" />
            </Sign>
            mean; its number stands where it changes
          </li>
          <li>
            <Sign>
              <path d="M-4 -2L0 -7L4 -2" className="cost-open" />
              <path d="M0 -7V8" className="cost-range" />
            </Sign>
            no limit
          </li>
          <li>
            <Sign>
              <path d="M-4 -4L4 4M4 -4L-4 4" className="cost-not-shown" />
            </Sign>
            cannot be shown
          </li>
        </ul>
        {children}
      </div>
      <div className="cost-charts">
        {series.map(s => (
          <CostChart
            key={s.id}
            series={s}
            family={families.find(f => f.id === s.family)?.title ?? ''}
            columns={columns}
            hrefOf={hrefOf}
          />
        ))}
      </div>
    </div>
  )
}

const Sign = ({ children }: { readonly children: ReactNode }) => (
  <svg viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true">
    {children}
  </svg>
)
