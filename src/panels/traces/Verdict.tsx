import type { Verdict } from '../../core/conformance/report.ts'
import { Mark } from '../shared/Mark.tsx'

const words: Readonly<Record<Verdict, string>> = {
  same: 'same',
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
