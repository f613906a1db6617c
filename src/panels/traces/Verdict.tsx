import type { OperationReport, Verdict } from '../../core/conformance/report.ts'
import { Mark } from '../shared/Mark.tsx'

const words: Readonly<Record<Verdict, string>> = {
  same: 'same order',
  differs: 'differs',
  'not-modelled': 'not modelled',
}

/** What came of holding the recording against the model: a sign and a word. */
export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span className={`verdict verdict-${verdict}`}>
      <Mark kind={verdict === 'same' ? 'holds' : verdict === 'differs' ? 'violated' : 'empty'} />
      {words[verdict]}
    </span>
  )
}

/** The verdict on one operation as a sentence. */
export function verdictSentence({ verdict, title, observed, differences }: OperationReport, preset: string): string {
  if (verdict === 'not-modelled') return capital(`${title}: ${differences.join('; ')}.`)
  if (verdict === 'same')
    return `The ${title} simulated on ${preset} goes through the same ${observed.length} phases in the same order, each as often.`
  const more = differences.length - 1
  return `First difference: ${differences[0]}${more === 0 ? '.' : `; ${more} more below.`}`
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
