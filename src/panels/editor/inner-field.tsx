import { type ComponentType, createContext, useContext } from 'react'
import type { Field } from '../../core/base/form.ts'
import type { JsonPath } from '../../core/base/json-path.ts'

export interface FieldProps<Kind extends Field = Field> {
  readonly field: Kind
  readonly path: JsonPath
  /** What stands there. It may be anything. */
  readonly value: unknown
  readonly label: string
  /** It may be left out again. */
  readonly removable?: boolean
  /** A heading above says what it is. */
  readonly quiet?: boolean
  /** One of a list of choices: yes and no are choices too. */
  readonly chosen?: boolean
}

/** Draws any field. The form brings it along, so that a list need not know everything that may be in it. */
export const FieldContext = createContext<ComponentType<FieldProps> | null>(null)

/** A field within a field. */
export function InnerField(props: FieldProps) {
  const View = useContext(FieldContext)
  if (View === null) throw new Error('a field was drawn outside a form')
  return <View {...props} />
}
