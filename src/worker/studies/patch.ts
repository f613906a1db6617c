import { SWITCH_IDS } from '../../core/policy/switches.ts'
import { scenarioById } from '../../core/scenarios/scenario-list.ts'
import { type Claim, type ClaimAnswer, checkClaim, type PartAnswer } from '../../core/studies/patch/claim.ts'
import { CLAIMS } from '../../core/studies/patch/claim-list.ts'
import type { Finding, FoundRun } from '../../core/studies/patch/finding.ts'
import { type Gap, gapOf } from '../../core/studies/patch/gap.ts'
import { GAPS } from '../../core/studies/patch/subjects.ts'
import type { Study, StudyLimits, Subject, TooLarge } from '../../core/studies/study.ts'
import { linkTo } from '../explore-lab.ts'
import type { RunLink } from '../lab-api.ts'
import { type Resolved, settle } from '../resolve.ts'

/** A claim’s answer, with what it takes to open its runs. */
export type ClaimView = Omit<ClaimAnswer, 'parts'> & {
  readonly parts: readonly (Omit<PartAnswer, 'findings'> & { readonly findings: readonly FindingView[] })[]
}
export type FindingView = Omit<Finding, 'run'> & {
  readonly title: string
  readonly run: (FoundRun & { readonly link: RunLink }) | null
}

/** A gap, with what it takes to open the run that shows it; and under which settings every interleaving was searched. */
export type GapView = Gap & { readonly link: RunLink }

/** The gap of the scenario that is asked about; of one that shows neither, the first. */
export function* patchGap(asked: Resolved, limits: StudyLimits): Study<GapView | TooLarge> {
  const what = GAPS.find(gap => gap.scenario === asked.scenario.id)?.what ?? 'page'
  const gap = yield* gapOf(asked, what, limits)
  return gap.kind === 'gap' ? { ...gap, link: linkTo(asked, gap.verdict.run?.schedule ?? '') } : gap
}

type BeginClaim = (asked: Resolved, limits: StudyLimits) => Study<ClaimView>

const patchClaim = (claim: Claim): BeginClaim =>
  function* (asked, limits) {
    const { parts, ...answer } = yield* checkClaim(claim, asked.policy, limits)
    return {
      ...answer,
      parts: parts.map(part => ({
        ...part,
        findings: part.findings.map(({ subject, finding }) => ({
          ...finding,
          title: subject.scenario.title,
          run: finding.run === null ? null : { ...finding.run, link: linkOf(subject, finding.run.schedule) },
        })),
      })),
    }
  }

type ClaimId = (typeof CLAIMS)[number]['id']

/** A study for each claim about the series, and one for its gaps. */
export const PATCH_STUDIES = {
  'patch-gap': patchGap,
  ...(Object.fromEntries(CLAIMS.map(claim => [`patch-${claim.id}`, patchClaim(claim)])) as {
    readonly [Id in ClaimId as `patch-${Id}`]: BeginClaim
  }),
}

/** A run of a scenario, shipped or made for a claim, under just this policy. */
function linkOf({ scenario, policy }: Subject, schedule: string): RunLink {
  const { kernel, driver, arch } = policy
  const switches = Object.fromEntries(SWITCH_IDS.map(id => [id, policy[id]]))
  const custom = scenarioById(scenario.id) === undefined ? `${JSON.stringify(scenario, null, 2)}\n` : null
  const settled = settle(scenario, kernel, driver, arch, switches)
  return linkTo({ scenario, custom, ...settled, without: [], problems: [] }, schedule)
}
