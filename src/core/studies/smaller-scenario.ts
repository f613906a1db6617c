import { breachOf } from '../explorer/breach.ts'
import type { Move } from '../explorer/system.ts'
import type { Policy } from '../policy/policy.ts'
import { buildLab } from '../scenarios/build.ts'
import { checkScenario } from '../scenarios/check.ts'
import {
  type Cuts,
  isGone,
  NOTHING_CUT,
  type Part,
  partsOf,
  type Size,
  sizeAfter,
  sizesOf,
  stretchesOf,
  withCuts,
} from '../scenarios/cuts.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Searches } from './searches.ts'
import type { Study } from './study.ts'

/** Something left out, or smaller. Names and sizes are those of the whole scenario. */
export interface Dropped {
  readonly what: string
  /** Of a size: what it was, and what it is. */
  readonly size: { readonly from: number; readonly to: number } | null
}

/** Something that could not go as well, and why. */
export interface Kept {
  readonly what: string
  /** Of a size: what is left, one less of which was tried. */
  readonly size: number | null
  readonly why: WhyKept
}

export type WhyKept =
  /** Without it no run breaks the rule: all `states` were looked at. */
  | { readonly kind: 'holds'; readonly states: number }
  /** Without it no run of so few steps breaks the rule: the shortest has `steps`. */
  | { readonly kind: 'longer'; readonly steps: number }
  /** Without it there is no such scenario. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** Nothing found in the first `states` states; the rest were not looked at. */
  | { readonly kind: 'undecided'; readonly states: number }

export interface Reduced {
  readonly scenario: Scenario
  /** A shortest run that breaks the rule in it. */
  readonly run: readonly Move[]
  readonly dropped: readonly Dropped[]
  /** Everything that is left. */
  readonly kept: readonly Kept[]
}

/** States that a try may take while there is still much to drop. What this does not decide is tried again, with more. */
const QUICK = 20_000

/**
 * Leaves parts out of a scenario and makes its sizes smaller, one at a time and the largest first, while a run of no more steps
 * than `run` still breaks the rule. Ends when nothing more can go: each part that is left, and one less of each size, was tried
 * on the result.
 */
export function* reduce(question: Question, run: readonly Move[], searches: Searches): Study<Reduced> {
  const reduction: Reduction = { ...question, searches, cuts: NOTHING_CUT, run, left: [] }
  for (const most of [QUICK, Number.POSITIVE_INFINITY]) {
    for (;;) {
      const { changed, kept } = yield* pass(reduction, most)
      if (changed) continue
      if (most > QUICK) return { ...resultOf(reduction), kept }
      break
    }
  }
  throw new Error('unreachable')
}

interface Question {
  readonly whole: Scenario
  readonly policy: Policy
  readonly rule: string
}

interface Reduction extends Question {
  readonly searches: Searches
  cuts: Cuts
  /** A shortest run that breaks the rule with these cuts. */
  run: readonly Move[]
  /** What was left out, in this order. */
  readonly left: (readonly Part[])[]
}

/** Tries everything once. */
function* pass(r: Reduction, most: number): Study<{ readonly changed: boolean; readonly kept: readonly Kept[] }> {
  const before = r.cuts
  const kept: Kept[] = []
  const parts = partsOf(r.whole).map(part => [part])
  const pages = parts.findIndex(([part]) => part?.among.length !== 0)
  for (const group of [...parts.slice(0, pages), ...stretchesOf(r.whole), ...parts.slice(pages)]) {
    if (group.some(part => isGone(part, r.cuts)) || areAll(group, r.cuts)) continue
    const cuts = { ...r.cuts, gone: new Set([...r.cuts.gone, ...group.map(part => part.id)]) }
    if (sameScenario(withCuts(r.whole, cuts), withCuts(r.whole, r.cuts))) continue
    const what = nameOf(group)
    const why = yield* tried(r, cuts, what, most)
    if (why === null) r.left.push(group)
    else if (group.length === 1) kept.push({ what, size: null, why })
  }
  for (const size of sizesOf(r.whole)) {
    if (isGone(size, r.cuts)) continue
    const why = yield* shrunk(r, size, most)
    if (why !== null) kept.push({ what: size.what, size: sizeAfter(size, r.cuts), why })
  }
  return { changed: r.cuts !== before, kept }
}

/** Makes a size as small as it can be, by leaps and then one by one. Answers why one less is too little; null at the least. */
function* shrunk(r: Reduction, size: Size, most: number): Study<WhyKept | null> {
  for (;;) {
    const value = sizeAfter(size, r.cuts)
    const smaller = new Set([size.least, Math.floor((size.least + value) / 2), value - 1])
    let why: WhyKept | null = null
    for (const to of smaller) {
      if (to >= value || to < size.least) continue
      const sizes = new Map([...r.cuts.sizes, [size.id, to]])
      why = yield* tried(r, { ...r.cuts, sizes }, `${value - to} of ${value} ${size.what}`, most)
      if (why === null) break
    }
    if (why !== null || value === size.least) return why
  }
}

/** Makes the cuts if the rule is broken with them in no more steps, else says why not. */
function* tried(r: Reduction, cuts: Cuts, what: string, most: number): Study<WhyKept | null> {
  const scenario = withCuts(r.whole, cuts)
  const message = problemOf(scenario)
  if (message !== null) return { kind: 'invalid', message }
  const lab = buildLab(scenario, r.policy)
  const search = breachOf(systemOf(lab), propertiesOf(lab, [r.rule]), r.searches.budget(most))
  const breach = yield* r.searches.run(`Trying without ${what}`, search)
  if (breach.kind !== 'broken') return breach
  if (breach.run.length > r.run.length) return { kind: 'longer', steps: breach.run.length }
  r.cuts = cuts
  r.run = breach.run
  return null
}

function problemOf(scenario: Scenario): string | null {
  if (scenario.memory.regions.length === 0) return 'a scenario has at least one region'
  return checkScenario(scenario)[0]?.message ?? null
}

/** The only pages that their region has left: without them the region goes, and that is tried by itself. */
const areAll = (group: readonly Part[], { gone }: Cuts): boolean =>
  group.some(({ among }) => among.length > 0 && among.every(id => gone.has(id) || group.some(part => part.id === id)))

/** An action whose pages have all gone has gone with them. */
const sameScenario = (a: Scenario, b: Scenario): boolean => JSON.stringify(a) === JSON.stringify(b)

function nameOf(group: readonly Part[]): string {
  const [last, first] = [group[0]?.what ?? '', group.at(-1)?.what ?? '']
  return group.length === 1 ? first : `${first} to ${last}`
}

function resultOf({ whole, cuts, run, left }: Reduction): Omit<Reduced, 'kept'> {
  const sizes = sizesOf(whole).filter(size => !isGone(size, cuts) && sizeAfter(size, cuts) < size.value)
  return {
    scenario: withCuts(whole, cuts),
    run,
    dropped: [
      // What went by itself first and then again with what it belongs to is told once.
      ...left
        .filter(group => group.some(part => !part.within.some(outer => cuts.gone.has(outer))))
        .map(group => ({ what: nameOf(group), size: null })),
      ...sizes.map(size => ({ what: size.what, size: { from: size.value, to: sizeAfter(size, cuts) } })),
    ],
  }
}
