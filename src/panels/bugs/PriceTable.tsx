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
            <th scope="col">Mean of all runs, from least to most</th>
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
                <td key={title}>
                  <Figure priced={figures[row]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The mean, and below it from the least to the most; one number where all runs agree. */
function Figure({ priced }: { readonly priced: Priced | undefined }) {
  if (priced === undefined) return null
  const { least, mean, most } = priced.figure
  if (least.value === most.value) return <b className="price-figure">{numberText(least.value)}</b>
  const top = most.value === null ? 'no limit' : numberText(most.value)
  return (
    <>
      <b className="price-figure">
        <span className="unseen">mean </span>
        {numberText(mean)}
      </b>
      <span className="price-what">
        <span className="unseen">, from </span>
        {numberText(least.value)} to {top}
      </span>
    </>
  )
}
