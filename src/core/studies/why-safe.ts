import { known } from '../base/assert.ts'
import type { Move } from '../explorer/system.ts'
import type { Policy } from '../policy/policy.ts'
import { sameRuns } from '../policy/presets.ts'
import { encodeSchedule } from '../runs/schedule.ts'
import { buildLab } from '../scenarios/build.ts'
import { rulesKept } from '../scenarios/rules.ts'
import { cutSetsOf } from './cut-sets.ts'
import { Judge } from './judge.ts'
import { type KnockOut, knockOutsOf, labWithout } from './knock-outs.ts'
import { movesOf } from './moved.ts'
import type { RuleVerdict } from './rule-search.ts'
import type { Study, StudyLimits, Subject } from './study.ts'
import type { BrokenRun, Cut, Moved, RuleWhy, WhySafe } from './why-safe-answer.ts'

/** A subject, and other policies to try where it breaks a rule: other kernels, switches put back. */
export interface WhyAsked extends Subject {
  readonly others: readonly { readonly name: string; readonly policy: Policy }[]
}

type Verdicts = ReadonlyMap<string, RuleVerdict>

/** Leaves out everything that only protects, one thing at a time and in groups, and judges every rule each time. */
export function* whySafe(asked: WhyAsked, limits: StudyLimits): Study<WhySafe> {
  const judge = new Judge(limits)
  const whole = buildLab(asked.scenario, asked.policy)
  const asks = rulesKept(whole.setup)
  const ids = asks.map(rule => rule.id)
  const knockOuts = knockOutsOf(whole)
  judge.due = 1 + knockOuts.length
  const ran = new Set<string>()
  const base = yield* judge.judge('Searching with nothing left out', whole, ids, (p, op) => ran.add(`${p} ${op}`))
  const holding = ids.filter(id => base.get(id)?.kind === 'holds')
  const broken = ids.filter(id => base.get(id)?.kind === 'broken')

  const reached = ({ at }: KnockOut): boolean => at.length === 0 || at.some(a => ran.has(`${a.program} ${a.op}`))
  const tried = holding.length === 0 ? [] : [...knockOuts.keys()].filter(k => reached(known(knockOuts[k], 'knock-out')))
  const moves = holding.length === 0 ? [] : movesOf(asked)
  const others = broken.length === 0 ? [] : asked.others
  // What one kernel has answered, those with the same runs have answered too.
  const twinOf = others.map(({ policy }) => others.findIndex(o => sameRuns(o.policy, policy)))
  judge.due = judge.done + tried.length + moves.length + new Set(twinOf).size

  const elsewhere: Verdicts[] = []
  for (const [at, { name, policy }] of others.entries()) {
    const before = elsewhere[known(twinOf[at], 'twin')]
    elsewhere.push(before ?? (yield* judge.judge(`Searching in ${name}`, buildLab(asked.scenario, policy), broken)))
  }
  const alone = new Map<number, Verdicts>()
  for (const k of tried) {
    const out = known(knockOuts[k], 'knock-out')
    alone.set(k, yield* judge.judge(`Searching without ${out.what}`, labWithout(asked, [out]), holding))
  }
  const moved: Moved[] = []
  for (const { to, how, lab } of moves) {
    const verdicts = yield* judge.judge(`Searching with the invalidation in invalidate_range_${to}`, lab, holding)
    moved.push({ to, how, rules: holding.map(id => ({ id, ...told(verdicts.get(id)) })) })
  }

  const rules: RuleWhy[] = []
  for (const { id, sentence } of asks) {
    const verdict = known(base.get(id), 'verdict')
    const kept = verdict.kind === 'holds' ? yield* keptBy(asked, knockOuts, judge, id, alone) : NOTHING
    rules.push({ id, sentence, ...told(verdict), others: besides(id, elsewhere), ...kept })
  }

  const undecided = tried.filter(k => holding.some(id => kindOf(alone.get(k)?.get(id)) === 'undecided'))
  const used = new Set([...undecided, ...rules.flatMap(r => [...r.needed, ...r.together].flatMap(cut => cut.out))])
  return {
    knockOuts,
    rules,
    spare: tried.filter(k => !used.has(k)),
    unreached: holding.length === 0 ? [] : [...knockOuts.keys()].filter(k => !tried.includes(k)),
    undecided,
    moved,
    searches: judge.done,
    states: judge.states,
  }
}

const NOTHING = { needed: [], together: [], unthreatened: false, undecided: false }

/** Where a rule that holds is kept: what it needs, and of which groups any one is enough. */
function* keptBy(
  asked: Subject,
  knockOuts: readonly KnockOut[],
  judge: Judge,
  id: string,
  alone: ReadonlyMap<number, Verdicts>,
): Study<Pick<RuleWhy, keyof typeof NOTHING>> {
  const seen = new Map<string, RuleVerdict>()
  function* without(out: readonly number[]): Study<RuleVerdict> {
    const [first] = out
    const before = out.length === 1 && first !== undefined ? alone.get(first)?.get(id) : seen.get(out.join(' '))
    if (before !== undefined) return before
    const things = out.map(k => known(knockOuts[k], 'knock-out'))
    const doing = `Searching for a break of ${id} without ${out.length} things`
    const verdict = known((yield* judge.judge(doing, labWithout(asked, things), [id])).get(id), 'verdict')
    seen.set(out.join(' '), verdict)
    return verdict
  }
  const tried = [...alone.keys()]
  const ending = (kind: RuleVerdict['kind']) => tried.filter(k => kindOf(alone.get(k)?.get(id)) === kind)
  const needed = ending('broken')
  const { cuts, undecided } = yield* cutSetsOf(ending('holds'), without)
  const anyUndecided = undecided || ending('undecided').length > 0
  return {
    needed: needed.flatMap(k => cutOf([k], alone.get(k)?.get(id))),
    together: cuts.map(({ out, run }) => ({ out, ...written(run) })),
    unthreatened: needed.length + cuts.length === 0 && !anyUndecided,
    undecided: anyUndecided,
  }
}

const besides = (id: string, elsewhere: readonly Verdicts[]): RuleWhy['others'] =>
  elsewhere.flatMap((verdicts, at) => (verdicts.has(id) ? [{ at, verdict: kindOf(verdicts.get(id)) }] : []))

const kindOf = (verdict: RuleVerdict | undefined): RuleVerdict['kind'] => known(verdict, 'verdict').kind

const written = (run: readonly Move[]): BrokenRun => ({
  steps: run.length,
  schedule: encodeSchedule(run.map(({ actor, way }) => ({ actor, alternative: way }))),
})

function told(verdict: RuleVerdict | undefined): { verdict: RuleVerdict['kind']; run: BrokenRun | null } {
  const v = known(verdict, 'verdict')
  return { verdict: v.kind, run: v.kind === 'broken' ? written(v.run) : null }
}

const cutOf = (out: readonly number[], verdict: RuleVerdict | undefined): Cut[] =>
  verdict?.kind === 'broken' ? [{ out, ...written(verdict.run) }] : []
