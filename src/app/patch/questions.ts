import type { Claim } from '../../core/studies/patch/claim.ts'
import { GAPS } from '../../core/studies/patch/subjects.ts'
import type { ClaimView, GapView } from '../../worker/studies/patch.ts'
import type { StudyKind } from '../../worker/study-api.ts'
import { linkUnder, type PatchChoice, patchQuery } from './patch-link.ts'
import type { PatchState, Wanted } from './patch-store.ts'

export type GapQuestion = (typeof GAPS)[number]

/** What one gap looks like in a kernel. */
export const gapWanted = (choice: PatchChoice, gap: GapQuestion): Wanted => ({
  key: `${gap.id} ${patchQuery(choice)}`,
  kind: 'patch-gap',
  link: linkUnder(choice, gap.scenario),
})

/** What all runs of a kernel say to one claim. */
export const claimWanted = (choice: PatchChoice, claim: Pick<Claim, 'id'>): Wanted => ({
  key: `${claim.id} ${patchQuery(choice)}`,
  // Each claim has a study of its name: worker/studies/patch.ts.
  kind: `patch-${claim.id}` as StudyKind,
  link: linkUnder(choice, GAPS[0].scenario),
})

/** The answer to a question, if it is there, and else why it is not. */
export function gapAnswer({ looked }: Pick<PatchState, 'looked'>, { key }: Wanted): Found<GapView> {
  const found = foundIn<GapView | { readonly kind: 'too-large' }>(looked[key])
  if (found.answer?.kind === 'too-large') return { answer: null, failed: 'There are too many states.' }
  return { answer: found.answer as GapView | null, failed: found.failed }
}

export const claimAnswer = ({ looked }: Pick<PatchState, 'looked'>, { key }: Wanted): Found<ClaimView> =>
  foundIn<ClaimView>(looked[key])

interface Found<Answer> {
  readonly answer: Answer | null
  readonly failed: string
}

function foundIn<Answer>(looked: PatchState['looked'][string]): Found<Answer> {
  if (looked?.phase === 'done') return { answer: looked.answer as Answer, failed: '' }
  return { answer: null, failed: looked?.phase === 'lost' ? `The answer was lost: ${looked.why}.` : '' }
}
