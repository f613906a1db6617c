import { useState } from 'react'
import type { MemberField, ObjectField } from '../../core/base/form.ts'
import { type JsonPath, pathText } from '../../core/base/json-path.ts'
import { printFlat } from '../../core/base/json-print.ts'
import { nearest } from '../../core/base/nearest.ts'
import { Remarks } from './FieldFrame.tsx'
import { type FormState, useForm } from './form-context.ts'
import { freshFor } from './fresh.ts'
import { isChoices, labelOf } from './hints.ts'
import { type FieldProps, InnerField } from './inner-field.tsx'
import { Sign } from './signs.tsx'

/** An object under a heading of its own, or bare when something around it names it. */
export function ObjectView(props: FieldProps<ObjectField> & { bare?: boolean }) {
  const { field, path, value, label, quiet = false, bare = false } = props
  const at = pathText(path)
  const choices = isChoices(field)
  const fields = (
    <>
      <Remarks at={at} />
      <Members members={field.members} path={path} value={value} choices={choices} />
      <Strangers members={field.members} path={path} value={value} />
    </>
  )
  if (bare) return fields
  return (
    <fieldset className="field is-wide object" data-at={at} data-label={label}>
      <legend className={quiet ? 'unseen' : ''}>{label}</legend>
      <p className="unseen" data-help="">
        {field.help}
      </p>
      {fields}
    </fieldset>
  )
}

interface MembersProps {
  readonly members: readonly MemberField[]
  readonly path: JsonPath
  readonly value: unknown
  /** Only what was chosen is shown; the rest is offered. */
  readonly choices?: boolean
  /** The heading above: a member of that name needs no other. */
  readonly heading?: string
  /** All members of the object, in the order of the file, when `members` are some of them. */
  readonly order?: readonly string[]
}

/** The members that an object has, those that it lacks, and a way to add those that it may have. */
export function Members(props: MembersProps) {
  const { members, path, value, choices = false, heading, order = members.map(m => m.name) } = props
  const { put, words, whole } = useForm()
  const absent = members.filter(m => m.optional && !has(value, m.name) && (choices || m.field.kind !== 'flag'))
  const add = (member: MemberField) => {
    const at = pathText([...path, member.name]).replaceAll(/\[\d+\]/g, '[]')
    put([...path, member.name], freshFor(member.field, at, whole), order)
  }
  return (
    <div className="members">
      {members.map(member => {
        const { name, field, optional } = member
        const label = labelIn(words, name, choices)
        const inner = [...path, name]
        if (has(value, name)) {
          const shown = Reflect.get(value as object, name)
          return (
            <InnerField
              key={name}
              field={field}
              path={inner}
              value={shown}
              label={label}
              removable={optional}
              quiet={label === heading}
              chosen={choices}
            />
          )
        }
        if (!optional) return <Missing key={name} path={inner} label={label} onAdd={() => add(member)} />
        if (choices || field.kind !== 'flag') return null
        // Not there is no: one tick, and it is.
        return <InnerField key={name} field={field} path={inner} value={false} label={label} removable />
      })}
      {absent.length > 0 && <Additions absent={absent} path={path} choices={choices} onAdd={add} />}
    </div>
  )
}

const labelIn = (words: FormState['words'], name: string, choices: boolean): string =>
  (choices ? words.get(name)?.label : undefined) ?? labelOf(name)

function Missing({
  path,
  label,
  onAdd,
}: {
  readonly path: JsonPath
  readonly label: string
  readonly onAdd: () => void
}) {
  return (
    <div className="field" data-at={pathText(path)} data-label={label}>
      <p className="remark is-problem">
        <Sign name="warn" />
        <span>{label} is missing.</span>
      </p>
      <button type="button" className="form-button" onClick={onAdd}>
        <Sign name="add" /> Add {label}
      </button>
    </div>
  )
}

interface AdditionsProps {
  readonly absent: readonly MemberField[]
  readonly path: JsonPath
  readonly choices: boolean
  readonly onAdd: (member: MemberField) => void
}

/** More than so many are a list to choose from. */
const MOST_BUTTONS = 6

function Additions({ absent, path, choices, onAdd }: AdditionsProps) {
  const { words } = useForm()
  const [name, setName] = useState('')
  const adds = absent.map(m => pathText([...path, m.name])).join(' ')
  if (absent.length <= MOST_BUTTONS) {
    return (
      <div className="additions" data-adds={adds}>
        {absent.map(m => (
          <button key={m.name} type="button" className="form-button" title={m.field.help} onClick={() => onAdd(m)}>
            <Sign name="add" /> {labelIn(words, m.name, choices)}
          </button>
        ))}
      </div>
    )
  }
  const picked = absent.find(m => m.name === name) ?? absent[0]
  return (
    <div className="additions" data-adds={adds}>
      <select
        className="form-input"
        aria-label={`What to add to ${pathText(path)}`}
        value={picked?.name ?? ''}
        onChange={e => setName(e.target.value)}
      >
        {absent.map(m => (
          <option key={m.name} value={m.name}>
            {labelIn(words, m.name, choices)}
          </option>
        ))}
      </select>
      <button type="button" className="form-button" onClick={() => picked !== undefined && onAdd(picked)}>
        <Sign name="add" /> Add
      </button>
    </div>
  )
}

interface StrangersProps {
  readonly members: readonly MemberField[]
  readonly path: JsonPath
  readonly value: unknown
}

/** Members that the form does not know: shown, reported, and left where they are until the reader says otherwise. */
export function Strangers({ members, path, value }: StrangersProps) {
  const { remove, rename } = useForm()
  const known = new Set(members.map(m => m.name))
  const free = members.map(m => m.name).filter(name => !has(value, name))
  const names = Object.keys(value as object).filter(name => !known.has(name))
  return names.map(name => {
    const meant = nearest(name, free)
    const text = printFlat(Reflect.get(value as object, name))
    const inner = [...path, name]
    return (
      <div key={name} className="field is-wide stranger" data-at={pathText(inner)} data-label={name}>
        <code>
          {name}: {text.length > 80 ? `${text.slice(0, 79)}…` : text}
        </code>
        <Remarks at={pathText(inner)} below />
        <div className="additions">
          {meant !== undefined && (
            <button type="button" className="form-button" onClick={() => rename(inner, meant)}>
              Call it “{meant}”
            </button>
          )}
          <button type="button" className="form-button" onClick={() => remove(inner)}>
            <Sign name="remove" /> Remove “{name}”
          </button>
        </div>
      </div>
    )
  })
}

const has = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
