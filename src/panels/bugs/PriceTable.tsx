import type { Priced } from '../../core/bugs/price.ts'
import { numberText } from '../explore/cost/series.ts'

interface Props {
  /** Settings side by side; the same measures in each. */
  readonly columns: readonly { readonly title: string; readonly figures: readonly Priced[] }[]
}

/** What each measure comes to over all runs: the least, the mean, the most. */
export function PriceTable({ columns }: Props) {
  const measures = columns[0]?.figures ?? []
  return (
    <div className="price-scroll">
      <table className="price">
        <caption className="unseen">Costs over all runs: least, mean, most</caption>
        <thead>
          <tr>
            <th scope="col">Over all runs</th>
            {columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {measures.map(({ measure }, row) => (
            <tr key={measure.id}>
              <th scope="row">
                {measure.family} {measure.title}
                <span className="price-what">{measure.what}</span>
              </th>
              {columns.map(({ title, figures }) => (
                <td key={title}>{figureText(figures[row])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** `0 to 2, mean 1.98`; one number where all runs agree. */
function figureText(priced: Priced | undefined): string {
  if (priced === undefined) return ''
  const { least, mean, most } = priced.figure
  if (least.value === most.value) return numberText(least.value)
  const top = most.value === null ? 'no limit' : numberText(most.value)
  return `${numberText(least.value)} to ${top}, mean ${numberText(mean)}`
}
