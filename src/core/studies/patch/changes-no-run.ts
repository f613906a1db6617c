import type { Policy } from '../../policy/policy.ts'
import type { Study, StudyLimits, Subject } from '../study.ts'
import { labFor } from '../whole-graph.ts'
import { type Claim, TOO_LARGE } from './claim.ts'
import type { Finding } from './finding.ts'
import { sameRuns } from './same-runs.ts'
import { BEFORE, withoutSeries } from './series.ts'
import { bothGaps } from './subjects.ts'

/** All runs of a kernel beside all runs of the same one without the series. */
export const besideWithout = (subject: Subject, limits: StudyLimits): Study<Finding> =>
  sameRuns(labFor(subject), labFor({ ...subject, policy: withoutSeries(subject.policy) }), limits)

/** A kernel without any patch has nothing to be compared with. */
export const patched = (policy: Policy): readonly Subject[] => (policy.kernel === BEFORE ? [] : bothGaps(policy))

export const changesNoRun = {
  id: 'changes-no-run',
  name: 'no run changes',
  never: 'nothing to compare',
  question: 'Do the patches that are in leave every run as it was before the series?',
  why: 'Until the third patch the function has no body. Calling it does nothing, and the model does not even make it a step.',
  parts: [
    {
      id: 'runs',
      about: '',
      counted: 'moves',
      all: true,
      of: patched,
      check: besideWithout,
      says: {
        yes: 'Yes: the same moves in every state, doing the same, and the same states behind them.',
        no: 'No: the runs part.',
        'never-asked': 'No patch is in: there is nothing to compare.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
