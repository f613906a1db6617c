import type { Field, MemberField, VariantShape } from '../core/base/form.ts'

/** As much of a valibot schema as a form needs: looked at, not called. */
interface Schema {
  readonly type: string
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown; readonly description?: string }[]
  readonly entries?: Readonly<Record<string, Schema>>
  readonly item?: Schema
  readonly wrapped?: Schema
  readonly key?: string
  readonly options?: readonly unknown[]
  readonly literal?: unknown
}

/**
 * The form of a schema: a field for every property, with the limits and the description that the schema gives. Nothing here
 * knows scenarios, so that a property added to the schema is in the form. What has no field of its own is asked for as JSON.
 */
export function formOf(schema: object): Field {
  return fieldOf(schema as Schema)
}

function fieldOf(schema: Schema): Field {
  const help = described(schema)
  const [least, most] = limitsOf(schema)
  switch (schema.type) {
    case 'string':
      return { kind: 'text', help, least: least ?? 0, most: most ?? Number.MAX_SAFE_INTEGER }
    case 'number':
      return { kind: 'number', help, least: least ?? Number.MIN_SAFE_INTEGER, most: most ?? Number.MAX_SAFE_INTEGER }
    case 'boolean':
      return { kind: 'flag', help }
    case 'literal':
      return { kind: 'fixed', help, value: schema.literal as string | number | boolean }
    case 'picklist':
      return { kind: 'choice', help, words: (schema.options ?? []).map(String) }
    case 'array':
      return listOf(schema, help, least ?? 0, most ?? Number.MAX_SAFE_INTEGER)
    case 'object':
    case 'loose_object':
    case 'strict_object':
      return { kind: 'object', help, members: membersOf(schema) }
    case 'variant':
      return { kind: 'variant', help, key: schema.key ?? '', shapes: shapesOf(schema) }
    case 'union':
      return { kind: 'union', help, options: (schema.options ?? []).map(option => fieldOf(option as Schema)) }
    case 'exact_optional':
    case 'optional':
    case 'nullable':
      return schema.wrapped === undefined ? { kind: 'any', help } : withHelp(fieldOf(schema.wrapped), help)
    default:
      return { kind: 'any', help }
  }
}

function listOf(schema: Schema, help: string, least: number, most: number): Field {
  const item: Field = schema.item === undefined ? { kind: 'any', help: '' } : fieldOf(schema.item)
  return { kind: 'list', help, item, least, most }
}

const membersOf = ({ entries = {} }: Schema): MemberField[] =>
  Object.entries(entries).map(([name, entry]) => ({
    name,
    optional: entry.type === 'exact_optional' || entry.type === 'optional',
    field: fieldOf(entry),
  }))

/** A variant may hold variants: their shapes are shapes of the whole. */
const shapesOf = ({ key = '', options = [] }: Schema): VariantShape[] =>
  (options as readonly Schema[]).flatMap(option => {
    if (option.type === 'variant') return shapesOf({ ...option, key })
    const says = option.entries?.[key]
    const words = says?.type === 'literal' ? [String(says.literal)] : (says?.options ?? []).map(String)
    const help = described(option) || (says === undefined ? '' : described(says))
    return [{ kind: 'object', help, members: membersOf(option), words }]
  })

const described = ({ pipe = [] }: Schema): string => pipe.findLast(p => p.type === 'description')?.description ?? ''

const withHelp = (field: Field, help: string): Field => (help === '' ? field : { ...field, help })

function limitsOf({ pipe = [] }: Schema): readonly [number | undefined, number | undefined] {
  const of = (...types: readonly string[]): number | undefined => {
    const found = pipe.find(p => types.includes(p.type))?.requirement
    return typeof found === 'number' ? found : undefined
  }
  return [of('min_value', 'min_length'), of('max_value', 'max_length')]
}
