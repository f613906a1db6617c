import { useStore } from 'zustand'
import { CLAIMS } from '../../core/studies/patch/claim-list.ts'
import { ClaimCard } from '../../panels/patch/ClaimCard.tsx'
import { count } from '../explore/answer.ts'
import { labHash } from '../route.ts'
import type { PatchChoice } from './patch-link.ts'
import { patchAnswers } from './patch-session.ts'
import { claimAnswer, claimWanted } from './questions.ts'

const ALL = CLAIMS.map(c => c.id)

/** Each claim as a question, to be asked of a class, and then of every run. */
export function Claims({ choice }: { readonly choice: PatchChoice }) {
  const revealed = useStore(patchAnswers, s => s.revealed)
  const looked = useStore(patchAnswers, s => s.looked)
  const { reveal, hide } = patchAnswers.getState()
  const all = ALL.every(id => revealed.includes(id))
  return (
    <section className="patch-claims" aria-labelledby="claims-title">
      <header className="claims-head">
        <h2 id="claims-title">What is said of it, put to every run</h2>
        <button type="button" className="press press-large" onClick={() => (all ? hide(ALL) : reveal(ALL))}>
          {all ? 'Hide all answers' : 'Check all'}
        </button>
      </header>
      <p className="muted claims-cover">
        An answer covers every interleaving of the munmap() that it names, with its sizes, on x86. It says nothing of
        larger ones.
      </p>
      <ol className="claims-list">
        {CLAIMS.map((claim, i) => {
          const { answer, failed } = claimAnswer({ looked }, claimWanted(choice, claim))
          return (
            <li key={claim.id}>
              <ClaimCard
                number={i + 1}
                claim={claim}
                revealed={revealed.includes(claim.id)}
                answer={answer}
                failed={failed}
                href={labHash}
                count={count}
                onReveal={() => reveal([claim.id])}
                onHide={() => hide([claim.id])}
              />
            </li>
          )
        })}
      </ol>
    </section>
  )
}
