import { useStore } from 'zustand'
import { CLAIMS } from '../../core/studies/patch/claim-list.ts'
import { EVERY_SERIES } from '../../core/studies/patch/series.ts'
import { GAPS } from '../../core/studies/patch/subjects.ts'
import { ClaimTable } from '../../panels/patch/ClaimTable.tsx'
import { ANSWERS, VERDICTS } from '../../panels/patch/words.ts'
import { patchHash } from '../route.ts'
import { driverWritten, type PatchChoice, patchQuery } from './patch-link.ts'
import { patchAnswers } from './patch-session.ts'
import { claimAnswer, claimWanted, gapAnswer, gapWanted } from './questions.ts'

/** Each set of patches with the driver written for it. */
const COLUMNS: readonly PatchChoice[] = EVERY_SERIES.map(series => ({ series, driver: driverWritten(series) }))
const EVERYTHING = COLUMNS.flatMap(c => [...GAPS.map(g => gapWanted(c, g)), ...CLAIMS.map(q => claimWanted(c, q))])

/** Both gaps and all claims under every set of patches: what was answered already, the rest on demand. */
export function ClaimsTable({ choice }: { readonly choice: PatchChoice }) {
  const looked = useStore(patchAnswers, s => s.looked)
  const missing = EVERYTHING.filter(w => looked[w.key]?.phase !== 'done')
  const busy = missing.some(w => looked[w.key]?.phase === 'waiting')
  const rows = [
    ...GAPS.map((gap, i) => ({
      name: `gap ${i + 1}`,
      cells: COLUMNS.map(c => {
        const { answer } = gapAnswer({ looked }, gapWanted(c, gap))
        return answer === null ? null : VERDICTS[answer.verdict.kind]
      }),
    })),
    ...CLAIMS.map((claim, i) => ({
      name: `${i + 1}. ${claim.name}`,
      cells: COLUMNS.map(c => {
        const { answer } = claimAnswer({ looked }, claimWanted(c, claim))
        if (answer === null) return null
        return answer.answer === 'never-asked' ? claim.never : ANSWERS[answer.answer]
      }),
    })),
  ]
  return (
    <section className="sheet" aria-labelledby="every-kernel">
      <header className="claims-head">
        <h2 id="every-kernel">Every question, every set of patches</h2>
        <button
          type="button"
          className="press press-large"
          aria-disabled={busy || missing.length === 0}
          onClick={() => patchAnswers.getState().want(missing)}
        >
          {busy ? 'Looking…' : missing.length === 0 ? 'Every cell is answered' : 'Fill the table'}
        </button>
      </header>
      <ClaimTable
        columns={EVERY_SERIES}
        current={COLUMNS.findIndex(c => patchQuery(c) === patchQuery(choice))}
        rows={rows}
        hrefs={COLUMNS.map(c => patchHash(patchQuery(c)))}
      />
      <p className="muted">
        Each cell is a search of every interleaving, with the driver written for that kernel. The table shows answers
        that hidden cards hide.
      </p>
    </section>
  )
}
