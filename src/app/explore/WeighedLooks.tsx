import type { TooLarge } from '../../core/studies/study.ts'
import { Danger } from '../../panels/explore/Danger.tsx'
import { Outcomes } from '../../panels/explore/Outcomes.tsx'
import type { RunLink } from '../../worker/lab-api.ts'
import type { StudyAnswer } from '../../worker/study-api.ts'
import { labHash } from '../route.ts'
import { count, megabytes } from './answer.ts'

/** How runs end, with a run of each kind to open in the lab. */
export function OutcomesLook({ answer }: { readonly answer: StudyAnswer<'outcomes'> }) {
  if (answer.kind === 'too-large') return <TooManyStates {...answer} />
  return <Outcomes answer={answer} hrefOf={hrefsFrom(answer.link)} count={count} />
}

/** Where in an unmap devices do damage, with runs into it. */
export function DangerLook({ answer }: { readonly answer: StudyAnswer<'danger'> }) {
  if (answer.kind === 'too-large') return <TooManyStates {...answer} />
  return <Danger answer={answer} hrefOf={hrefsFrom(answer.link)} count={count} />
}

const hrefsFrom = (link: RunLink) => (schedule: string) => labHash({ ...link, schedule })

function TooManyStates({ limits }: TooLarge) {
  return (
    <p>
      There are more than {count(limits.states)} states, or they need more than {megabytes(limits.bytes)}. Every run
      must be known before runs can be weighed, so nothing is said of a part. Fewer pages, CPUs or accesses make fewer
      states.
    </p>
  )
}
