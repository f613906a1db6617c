import { assert } from '../base/assert.ts'
import { nearest } from '../base/nearest.ts'
import { failed, type Parsed, type Problem, parsed } from '../base/problem.ts'
import type { SwitchValue } from '../runs/settings.ts'
import type { Cards, Switch } from './cards/card.ts'
import { COMMAND_CARDS } from './cards/commands.ts'
import { CONSUMER_CARDS } from './cards/consumers.ts'
import { FLUSH_CARDS } from './cards/flushes.ts'
import { HARDWARE_CARDS } from './cards/hardware.ts'
import { NOTIFIER_CARDS } from './cards/notifier.ts'
import { TABLE_CARDS } from './cards/tables.ts'
import type { Policy, SwitchId, SwitchValues } from './policy.ts'

/** One card for each field of the policy that can be set alone: leave one out and this does not compile. */
const cards: Required<Cards> = {
  ...NOTIFIER_CARDS,
  ...FLUSH_CARDS,
  ...TABLE_CARDS,
  ...CONSUMER_CARDS,
  ...HARDWARE_CARDS,
  ...COMMAND_CARDS,
}

export const SWITCH_IDS = Object.keys(cards) as readonly SwitchId[]

/** All switches, in the order in which they are shown. */
export const SWITCHES: readonly Switch[] = SWITCH_IDS.map(id => ({ id, ...cards[id] }))

export const isSwitchId = (id: string): id is SwitchId => Object.hasOwn(cards, id)

/** The values that a switch can stand at. */
export const switchValues = (id: SwitchId): readonly SwitchValue[] => cards[id].values.map(v => v.value)

/** The policy with these switches flipped. Values must have been read by `parseSwitches` or come from a checked scenario. */
export function applySwitches(policy: Policy, values: SwitchValues): Policy {
  const flipped: Record<string, SwitchValue> = {}
  for (const id of SWITCH_IDS) {
    const value = Object.hasOwn(values, id) ? values[id] : undefined
    if (value === undefined) continue
    assert(switchValues(id).includes(value), `${id} can be ${String(value)}`)
    flipped[id] = value
  }
  return { ...policy, ...flipped }
}

/** One switch as a link writes it: `true`, `false` or a word. */
export function parseSwitch(
  id: string,
  text: string,
  where = `switches.${id}`,
): Parsed<{ readonly id: SwitchId; readonly value: SwitchValue }> {
  if (!isSwitchId(id)) {
    const meant = nearest(id, SWITCH_IDS)
    const mend = meant === undefined ? `Switches are ${SWITCH_IDS.join(', ')}.` : `Did you mean “${meant}”?`
    return failed({ at: where, message: `there is no switch “${short(id)}”`, mend })
  }
  const values = switchValues(id)
  const value = values.find(v => String(v) === text)
  if (value !== undefined) return parsed({ id, value })
  const words = values.map(String)
  const meant = nearest(text, words)
  const mend = meant === undefined ? `Write ${words.join(' or ')}.` : `Did you mean “${meant}”?`
  return failed({ at: where, message: `${id} cannot be “${short(text)}”`, mend })
}

/** All switches of a link: those that can be read, and what is wrong with the others. */
export function parseSwitches(
  texts: Readonly<Record<string, string>>,
  where = 'switches',
): { readonly values: SwitchValues; readonly problems: readonly Problem[] } {
  const values: Partial<Record<SwitchId, SwitchValue>> = {}
  const problems: Problem[] = []
  for (const [id, text] of Object.entries(texts)) {
    const read = parseSwitch(id, text, `${where}.${short(id)}`)
    if (read.ok) values[read.value.id] = read.value.value
    else problems.push(...read.problems)
  }
  return { values, problems }
}

const short = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 39)}…`)
