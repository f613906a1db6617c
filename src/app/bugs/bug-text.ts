import { known } from '../../core/base/assert.ts'
import type { Bug } from '../../core/bugs/bug.ts'
import { ENDLESS_RULE, ruleSentence } from '../../core/bugs/judge.ts'
import type { Field } from '../../core/bugs/settings-of.ts'
import type { Stand, Turn } from '../../core/bugs/turning.ts'
import { DRIVERS, KERNELS } from '../../core/policy/catalogue.ts'
import { SWITCHES } from '../../core/policy/switches.ts'
import type { Settings, SwitchValue } from '../../core/runs/settings.ts'
import type { StageRow } from '../../panels/bugs/Interleaving.tsx'
import type { ChangeRow } from '../../panels/bugs/TurnNote.tsx'
import { isOlder } from '../../panels/bugs/versions.ts'
import type { Answer } from '../../panels/explore/Verdict.tsx'
import type { BugStory } from '../../worker/bug-api.ts'
import { count } from '../explore/answer.ts'
import { labHash } from '../route.ts'
import { nameOf, type Searched } from './bug-store.ts'

/** `6.1 · notifier · x86 · nestedRangeEncoding = full` */
export const settingsText = ({ kernel, driver, arch, switches }: Settings): string =>
  [kernel, driver, arch, ...Object.entries(switches).map(([id, value]) => `${id} = ${value}`)].join(' · ')

/** What the search of every interleaving says, in large letters. */
export function answerText(rule: string, searched: Searched | undefined): Answer {
  const sentence = ruleSentence(rule)
  if (searched === undefined) return { tone: 'idle', headline: 'Waiting.', rest: sentence }
  if (searched.kind === 'searching')
    return { tone: 'busy', headline: 'Searching…', rest: `${count(searched.states)} states so far: “${sentence}”.` }
  const { kind, states, reduced, shortest } = searched.verdict
  switch (kind) {
    case 'holds':
      return {
        tone: 'holds',
        headline: 'Holds.',
        rest: reduced
          ? `“${sentence}” in every state; ${count(states)} stand for all.`
          : `“${sentence}” in all ${count(states)} states.`,
      }
    case 'broken':
      return {
        tone: 'broken',
        headline: 'Broken.',
        rest:
          rule === ENDLESS_RULE
            ? `“${sentence}”: after ${shortest?.steps ?? 0} steps it can go round in a circle.`
            : `“${sentence}”: soonest after ${shortest?.steps ?? 0} steps.`,
      }
    case 'undecided':
      return {
        tone: 'undecided',
        headline: 'Not decided.',
        rest: `${count(states)} states were looked at, then it gave up.`,
      }
  }
}

/** The same for a table: `broken`, `holds in 4,123 states`, or ''. */
export function wordsOf(searched: Searched | undefined): string {
  if (searched === undefined) return ''
  if (searched.kind === 'searching') return 'Searching every interleaving…'
  const { kind, states } = searched.verdict
  if (kind === 'holds') return `The rule holds in every interleaving (${count(states)} states looked at).`
  return kind === 'broken' ? 'Some interleaving breaks the rule.' : 'The search gave up.'
}

/** The numbered steps with their fate under the settings that are looked at. */
export function stageRows({ run }: Bug, { stages, stuck, possible }: BugStory): StageRow[] {
  return run.map(({ says }, i): StageRow => {
    const stage = stages[i]
    const steps = stage?.steps ?? []
    const href = stage === undefined || steps.length === 0 ? null : labHash(stage.link)
    const base = { says, steps, href, why: '' }
    if (stuck !== null && i === stuck.stage) return { ...base, fate: 'stuck', why: stuck.why }
    if (stuck !== null && i > stuck.stage) return { ...base, fate: 'after' }
    return { ...base, fate: possible && i === run.length - 1 ? 'harm' : 'made' }
  })
}

/** A kernel as the slider names it: `3.19 2/3`. */
export const kernelLabel = (id: string): string => KERNELS.find(k => k.id === id)?.label ?? id

/** Of kernels in which the run can be made, though they are older than the bug: what it does came later. '' when there are none. */
export function olderText({ affected: { from } }: Bug, stands: readonly Stand[]): string {
  if (from === null) return ''
  const older = stands.filter(s => s.possible && isOlder(s.kernel, from)).map(s => kernelLabel(s.kernel))
  const [first, last] = [older[0], older.at(-1)]
  if (first === undefined || last === undefined) return ''
  const named = first === last ? `${first} is` : `${first} to ${last} are`
  return `The bug came with ${from}. ${named} older: the run is played there all the same, with steps of later kernels.`
}

/** The changes between two kernels, with what the searches say of each. */
export function changeRows(bug: string, turn: Turn, verdicts: ReadonlyMap<string, Searched>): ChangeRow[] {
  return turn.changes.map(({ field, from, to, enough, needed, source }) => ({
    field,
    label: labelOf(field),
    from: valueText(field, from),
    to: valueText(field, to),
    enough,
    needed,
    commit: commitOf(source?.commit ?? null),
    note: source?.note ?? 'A driver for the other callbacks; the commit that changed it over is not verified.',
    alone: wordsOf(verdicts.get(nameOf({ bug, side: turn.possible, but: { field, value: to } }))),
    undone: wordsOf(verdicts.get(nameOf({ bug, side: turn.impossible, but: { field, value: from } }))),
  }))
}

/** `99baac21e458 [id]`, as the history of the switches has it, with how it is known in words. */
function commitOf(text: string | null): ChangeRow['commit'] {
  const [, id, tag] = /^(\S+) \[(.+)\]$/.exec(text ?? '') ?? []
  if (id === undefined) return null
  return { id, evidence: tag === 'c' ? 'source' : tag === 'id' ? 'id' : 'not-verified' }
}

const labelOf = (field: Field): string =>
  field === 'driver'
    ? 'The IOMMU driver'
    : known(
        SWITCHES.find(s => s.id === field),
        field,
      ).label

function valueText(field: Field, value: SwitchValue): string {
  const card = SWITCHES.find(s => s.id === field)
  if (card === undefined) return DRIVERS.find(d => d.id === value)?.label ?? String(value)
  return card.values.find(v => v.value === value)?.label ?? String(value)
}
