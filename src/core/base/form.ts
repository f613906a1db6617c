/*
 * A form as data: what may be filled in, with the sentence that explains it. It is made from a schema (worker/scenario-form.ts)
 * and drawn by panels/editor; neither knows the other.
 */

interface Described {
  /** The sentence beside it; empty when there is none. */
  readonly help: string
}

export interface TextField extends Described {
  readonly kind: 'text'
  readonly least: number
  readonly most: number
}
export interface NumberField extends Described {
  readonly kind: 'number'
  readonly least: number
  readonly most: number
}
export interface FlagField extends Described {
  readonly kind: 'flag'
}
/** One of some words. */
export interface ChoiceField extends Described {
  readonly kind: 'choice'
  readonly words: readonly string[]
}
/** Always the same. */
export interface FixedField extends Described {
  readonly kind: 'fixed'
  readonly value: string | number | boolean | null
}
export interface ListField extends Described {
  readonly kind: 'list'
  readonly item: Field
  readonly least: number
  readonly most: number
}
export interface ObjectField extends Described {
  readonly kind: 'object'
  readonly members: readonly MemberField[]
}
export interface MemberField {
  readonly name: string
  readonly optional: boolean
  readonly field: Field
}
/** An object of one of several shapes; the word under `key` says which. */
export interface VariantField extends Described {
  readonly kind: 'variant'
  readonly key: string
  readonly shapes: readonly VariantShape[]
}
export interface VariantShape extends ObjectField {
  /** Words under the key that mean this shape. */
  readonly words: readonly string[]
}
/** One of several kinds of value: a word, or a list. */
export interface UnionField extends Described {
  readonly kind: 'union'
  readonly options: readonly Field[]
}
/** Anything at all: what this form has no better way to ask for. */
export interface AnyField extends Described {
  readonly kind: 'any'
}

export type Field =
  | TextField
  | NumberField
  | FlagField
  | ChoiceField
  | FixedField
  | ListField
  | ObjectField
  | VariantField
  | UnionField
  | AnyField

/** The shape that an object with this word under the key has. */
export const shapeFor = (field: VariantField, word: unknown): VariantShape | undefined =>
  field.shapes.find(shape => shape.words.includes(word as string))

/** Whether a value is of the kind that a field asks for, whatever else may be wrong with it. */
export function fits(field: Field, value: unknown): boolean {
  switch (field.kind) {
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'flag':
      return typeof value === 'boolean'
    case 'choice':
      return field.words.includes(value as string)
    case 'fixed':
      return value === field.value
    case 'list':
      return Array.isArray(value)
    case 'object':
    case 'variant':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'union':
      return field.options.some(option => fits(option, value))
    case 'any':
      return true
  }
}

/** The least that can stand in a field: what is written when it is added, before anybody has said what they want. */
export function blankOf(field: Field): unknown {
  switch (field.kind) {
    case 'text':
      return ''
    case 'number':
      return Math.max(field.least, Math.min(field.most, 0))
    case 'flag':
      return true
    case 'choice':
      return field.words[0] ?? ''
    case 'fixed':
      return field.value
    case 'list':
      return Array.from({ length: field.least }, () => blankOf(field.item))
    case 'object':
      return blankObject(field.members)
    case 'variant':
      return blankObject(field.shapes[0]?.members ?? [])
    case 'union':
      return field.options[0] === undefined ? null : blankOf(field.options[0])
    case 'any':
      return null
  }
}

const blankObject = (members: readonly MemberField[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(members.filter(m => !m.optional).map(m => [m.name, blankOf(m.field)]))
