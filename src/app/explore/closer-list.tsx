import type { ReactNode } from 'react'
import { Why } from '../../panels/explore/why/Why.tsx'
import type { StudyAnswer, StudyKind } from '../../worker/study-api.ts'
import { labHash } from '../route.ts'
import { count } from './answer.ts'
import { CostLook } from './CostLook.tsx'
import type { Question } from './explore-store.ts'
import { GraphLook } from './GraphLook.tsx'
import { SmallestLook } from './SmallestLook.tsx'
import { DangerLook, OutcomesLook } from './WeighedLooks.tsx'

/** One closer look at all runs of a question: what it answers, and how the answer is shown. */
export interface CloserLook {
  readonly kind: StudyKind
  /** On its tab: `Outcomes`. */
  readonly title: string
  /** What it answers, in a sentence. */
  readonly lead: string
  readonly show: (answer: unknown, question: Question) => ReactNode
}

/** Ties a look to the answer of its study. */
function look<Kind extends StudyKind>(
  kind: Kind,
  title: string,
  lead: string,
  show: (answer: StudyAnswer<Kind>, question: Question) => ReactNode,
): CloserLook {
  return { kind, title, lead, show: (answer, question) => show(answer as StudyAnswer<Kind>, question) }
}

/** All of them, in the order of their tabs: a new one is a line here, its picture a panel, its answer a study. */
export const CLOSER_LOOKS: readonly CloserLook[] = [
  look(
    'why',
    'Why is it safe?',
    'Everything that only protects is left out, one thing at a time, and every interleaving is searched again. What breaks shows what it was for.',
    answer => <Why answer={answer} href={labHash} count={count} />,
  ),
  look(
    'outcomes',
    'Outcomes',
    'Every run to its end: what the devices’ accesses came to, which rules were broken on the way, and how many runs end so.',
    answer => <OutcomesLook answer={answer} />,
  ),
  look(
    'danger',
    'Danger',
    'Between two operations of the unmap a device may read or write. In which of these gaps is that damage, and how often?',
    answer => <DangerLook answer={answer} />,
  ),
  look(
    'cost',
    'Cost',
    'What the same scenario costs in every kernel: commands, faults, exposure, stalls, memory; in the run in which everybody moves in turn, and over all interleavings.',
    answer => <CostLook answer={answer} />,
  ),
  look(
    'graph',
    'Graph',
    'Every state and every move between them, as one picture. Each of its states can be opened in the lab.',
    (answer, question) => <GraphLook answer={answer} question={question} />,
  ),
  look(
    'smaller',
    'Smallest case',
    'Everything that a breach does not need is left out, one thing after another; each step that stays is proved necessary.',
    answer => <SmallestLook answer={answer} />,
  ),
]
