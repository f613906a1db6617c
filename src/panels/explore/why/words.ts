import type { KnockOut } from '../../../core/studies/knock-outs.ts'
import type { RuleWhy, WhySafe } from '../../../core/studies/why-safe-answer.ts'

/** Settings under which a broken rule was tried as well. */
export interface OtherSettings<Link> {
  readonly kind: 'kernel' | 'preset'
  readonly name: string
  readonly what: string
  readonly link: Link
}

/** How a function is written: `flush_tlb_mm_range()`. Names that are no functions stay as they are. */
export const called = (name: string): string => (/^\w+$/.test(name) ? `${name}()` : name)

/** The answer in a sentence. */
export function headline<Run>({ rules, knockOuts }: WhySafe<Run>): string {
  const broken = rules.filter(r => r.verdict === 'broken')
  if (broken.length > 0) return `${list(broken.map(r => r.id))} ${broken.length === 1 ? 'does' : 'do'} not hold here.`
  if (rules.every(r => r.verdict === 'undecided')) return 'Not decided: there are too many states.'
  const kept = rules.filter(r => r.needed.length + r.together.length > 0)
  if (kept.length === 0) return `All rules hold, even with all ${knockOuts.length} of these things left out.`
  const points = new Set(kept.flatMap(r => [...r.needed, ...r.together].flatMap(cut => cut.out)))
  const count = `${points.size} of ${knockOuts.length} things that can be left out`
  return `${list(kept.map(r => r.id))} ${kept.length === 1 ? 'rests' : 'rest'} on ${count}.`
}

/** Under which of the other settings a broken rule holds: `Holds from 3.19 on.`, and the first of them to look at. */
export function mended<Link>(
  rule: Pick<RuleWhy, 'others'>,
  others: readonly OtherSettings<Link>[],
): { readonly sentence: string; readonly first: OtherSettings<Link> | null } {
  const tried = rule.others.flatMap(({ at, verdict }) => {
    const settings = others[at]
    return settings === undefined ? [] : [{ settings, verdict }]
  })
  const kernels = tried.filter(t => t.settings.kind === 'kernel')
  const holding = kernels.filter(k => k.verdict === 'holds')
  const from = kernels.length - holding.length
  const [first] = holding
  if (first !== undefined) {
    const atEnd = kernels.slice(from).every(k => k.verdict === 'holds')
    const where = list(holding.map(k => k.settings.name))
    return { sentence: atEnd ? `Holds from ${first.settings.name} on.` : `Holds in ${where}.`, first: first.settings }
  }
  const preset = tried.find(t => t.settings.kind === 'preset' && t.verdict === 'holds')
  if (preset !== undefined)
    return { sentence: 'Holds with every switch put back as this kernel has it.', first: preset.settings }
  const decided = kernels.every(k => k.verdict === 'broken')
  return { sentence: decided ? 'No kernel here mends it.' : 'No kernel was found in which it holds.', first: null }
}

/** Call path as it is drawn: callers, then the function that is left out. */
export function stackOf({ path }: Pick<KnockOut, 'path'>): {
  readonly callers: readonly string[]
  readonly fn: string
} {
  return { callers: path.slice(0, -1), fn: path.at(-1) ?? '' }
}

/** `I1, I4 and I5` */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
