import type { OperationReport, Overall } from '../../core/conformance/report.ts'
import { Mark, type MarkKind } from '../shared/Mark.tsx'

const words: Readonly<Record<Overall, string>> = {
  same: 'same order',
  'in-part': 'same in part',
  differs: 'differs',
  'not-modelled': 'not simulated',
}

const marks: Readonly<Record<Overall, MarkKind>> = {
  same: 'holds',
  'in-part': 'hole',
  differs: 'violated',
  'not-modelled': 'empty',
}

/** What came of holding the recording against the model: a sign and a word. */
export function VerdictBadge({ verdict }: { readonly verdict: Overall }) {
  return (
    <span className={`verdict verdict-${verdict}`}>
      <Mark kind={marks[verdict]} />
      {words[verdict]}
    </span>
  )
}

/** The verdict on one operation as a sentence. */
export function verdictSentence(
  { verdict, title, lines, meant, differences }: OperationReport,
  preset: string,
): string {
  if (verdict === 'not-modelled') return `${opening(title)}: ${differences.join('; ')}.`
  if (verdict === 'same')
    return `${opening(title)}, simulated on ${preset}: the same ${lines.length} phases in the same order, each as often${meant.length === 0 ? '' : ', but for what is meant to differ'}.`
  const more = differences.length - 1
  return `First difference: ${differences[0]}${more === 0 ? '.' : `; ${more} more below.`}`
}

/** The name of a kernel function stays as it is. */
const opening = (title: string): string => (/^\w+\(/.test(title) ? title : capital(title))

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The differences that are meant, of those that an operation has: beside its verdict, so that none is silent. */
export function Meant({ meant }: { readonly meant: OperationReport['meant'] }) {
  if (meant.length === 0) return null
  return (
    <section className="meant" aria-label="Differences that are meant">
      <h3 className="panel-title">Meant to differ</h3>
      <dl>
        {meant.map(d => (
          <div key={d.id}>
            <dt>
              <code>{d.id}</code> {d.what}
            </dt>
            <dd className="muted">{d.why}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
