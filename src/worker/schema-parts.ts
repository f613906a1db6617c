import * as v from 'valibot'
import type { Switch } from '../core/policy/cards/card.ts'
import type { SwitchId } from '../core/policy/policy.ts'
import { SWITCHES } from '../core/policy/switches.ts'
import { LIMITS } from '../core/scenarios/scenario.ts'

/* What fields of a scenario file are made of: each with the sentence that an editor shows beside it. */

export const whole = (what: string, least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.description(what))

export const text = (what: string, most: number = LIMITS.textLength) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(most), v.description(what))

export const list = <Item extends v.GenericSchema>(what: string, item: Item, most: number, least = 0) =>
  v.pipe(v.array(item), v.minLength(least), v.maxLength(most), v.description(what))

export const oneOf = <const Words extends readonly string[]>(what: string, words: Words) =>
  v.pipe(v.picklist(words), v.description(what))

export const flag = (what: string) => v.exactOptional(v.pipe(v.boolean(), v.description(what)))

/** A switch that takes part: its own values only, with what they mean. */
const switchValue = (card: Switch) => {
  const words = card.values.map(x => `${x.value}: ${x.label}`).join('; ')
  const what = `${card.label}. ${card.what} ${words}.`
  const names = card.values.flatMap(x => (typeof x.value === 'string' ? [x.value] : []))
  return v.exactOptional(
    names.length === 0 ? v.pipe(v.boolean(), v.description(what)) : v.pipe(v.picklist(names), v.description(what)),
  )
}

export const switches = (what: string) =>
  v.pipe(
    v.strictObject(
      Object.fromEntries(SWITCHES.map(card => [card.id, switchValue(card)])) as Record<
        SwitchId,
        ReturnType<typeof switchValue>
      >,
    ),
    v.description(what),
  )

export const pageNumber = (what: string) => whole(what, 0, LIMITS.pagesPerRegion - 1)

export const page = (what: string) => text(what, 48)

/** Some pages of a region. */
export const inRegion = {
  region: text('Name of a region.', 32),
  first: v.exactOptional(pageNumber('First page, counted from the start of the region. Without it, 0.')),
  pages: v.exactOptional(whole('How many pages. Without it, to the end of the region.', 1, LIMITS.pagesPerRegion)),
}
