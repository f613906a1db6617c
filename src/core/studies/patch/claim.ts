import type { Policy } from '../../policy/policy.ts'
import type { Study, StudyLimits, Subject } from '../study.ts'
import type { Answer, Finding } from './finding.ts'

/** Something that is said of the series, as a question to all runs of a kernel. */
export interface Claim {
  readonly id: string
  /** Short, for a row of a table. */
  readonly name: string
  /** In a cell of a table, where it never comes up. */
  readonly never: string
  /** Put to the reader before the answer: kernel functions by name. */
  readonly question: string
  /** What follows from the answer. */
  readonly why: string
  /** The claim itself first; then what it can be held against. */
  readonly parts: readonly [Part, ...Part[]]
}

export interface Part {
  readonly id: string
  /** What is looked at, where it is not the question itself. */
  readonly about: string
  /** What the question is put to, in the plural: `calls of start()`. */
  readonly counted: string
  /** How findings on several subjects make one answer: it is so if it is so on all of them, or on any. */
  readonly all: boolean
  /** What is looked at in a kernel; nothing where the question makes no sense there. */
  readonly of: (policy: Policy) => readonly Subject[]
  readonly check: (subject: Subject, limits: StudyLimits) => Study<Finding>
  /** The answer in a sentence. */
  readonly says: Readonly<Record<Answer, string>>
}

export interface ClaimAnswer {
  readonly id: string
  readonly answer: Answer
  /** In the order of the claim’s parts; those that make no sense in this kernel are left out. */
  readonly parts: readonly PartAnswer[]
}

export interface PartAnswer {
  readonly id: string
  readonly about: string
  readonly counted: string
  readonly all: boolean
  readonly answer: Answer
  readonly says: string
  readonly findings: readonly { readonly subject: Subject; readonly finding: Finding }[]
}

/** Puts a claim to all runs of a kernel, whole graph by whole graph. */
export function* checkClaim(claim: Claim, policy: Policy, limits: StudyLimits): Study<ClaimAnswer> {
  const parts: PartAnswer[] = []
  for (const part of claim.parts) {
    const findings: { subject: Subject; finding: Finding }[] = []
    for (const subject of part.of(policy)) findings.push({ subject, finding: yield* part.check(subject, limits) })
    if (findings.length === 0 && part !== claim.parts[0]) continue
    const answer = together(
      findings.map(f => f.finding.answer),
      part.all,
    )
    const { id, about, counted, all } = part
    parts.push({ id, about, counted, all, answer, says: part.says[answer], findings })
  }
  return { id: claim.id, answer: parts[0]?.answer ?? 'never-asked', parts }
}

/** One answer out of several. What decides on its own decides, however many are undecided. */
function together(answers: readonly Answer[], all: boolean): Answer {
  const decides: Answer = all ? 'no' : 'yes'
  if (answers.includes(decides)) return decides
  if (answers.includes('undecided')) return 'undecided'
  return answers.find(a => a !== 'never-asked') ?? 'never-asked'
}

export const TOO_LARGE = 'Not decided: there are more states than may be looked at.'
