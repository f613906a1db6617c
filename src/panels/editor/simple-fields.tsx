import { useState } from 'react'
import type { ChoiceField, FixedField, FlagField, NumberField, TextField } from '../../core/base/form.ts'
import { pathText } from '../../core/base/json-path.ts'
import { FieldFrame, idOf, Remarks, useRemarkProps } from './FieldFrame.tsx'
import { useForm } from './form-context.ts'
import { isLine, isLong, namesWhat } from './hints.ts'
import type { FieldProps } from './inner-field.tsx'
import { regionsOf } from './references.ts'

/** Text: one line, a sentence, or a name to choose. */
export function TextBox({ field, path, value, label, removable = false }: FieldProps<TextField>) {
  const { put, whole } = useForm()
  const at = pathText(path)
  const props = useRemarkProps(at)
  const text = String(value)
  const what = namesWhat(String(path.at(-1) ?? ''), field)
  const long = isLong(field) && what === null
  const write = (next: string) => put(path, next)
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable} wide={long || isLine(field)}>
      {what === 'region' ? (
        <RegionChoice {...props} text={text} onChange={write} />
      ) : long ? (
        <textarea
          {...props}
          className="form-input"
          rows={Math.min(4, Math.max(1, Math.ceil(text.length / 48)))}
          spellCheck
          value={text}
          onChange={e => write(e.target.value)}
        />
      ) : (
        <input
          {...props}
          className="form-input"
          type="text"
          spellCheck={false}
          autoComplete="off"
          value={text}
          list={what === 'page' ? `${idOf(at)}-pages` : undefined}
          onChange={e => write(e.target.value)}
        />
      )}
      {what === 'page' && (
        <datalist id={`${idOf(at)}-pages`}>
          {pagesToName(whole).map(page => (
            <option key={page} value={page} />
          ))}
        </datalist>
      )}
      <Remarks at={at} />
    </FieldFrame>
  )
}

interface RegionChoiceProps extends ReturnType<typeof useRemarkProps> {
  readonly text: string
  readonly onChange: (text: string) => void
}

function RegionChoice({ text, onChange, ...props }: RegionChoiceProps) {
  const { whole } = useForm()
  const names = [...new Set(regionsOf(whole).map(r => r.name))]
  return (
    <select {...props} className="form-input" value={text} onChange={e => onChange(e.target.value)}>
      {!names.includes(text) && <option value={text}>{text === '' ? 'Choose a region' : `${text} (not there)`}</option>}
      {names.map(name => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}

/** More are not offered: who has so many pages types the number. */
const MOST_OFFERED = 40

function pagesToName(whole: unknown): readonly string[] {
  const regions = regionsOf(whole)
  const each = Math.max(1, Math.floor(MOST_OFFERED / Math.max(1, regions.length)))
  return [
    ...new Set(
      regions.flatMap(({ name, pages }) => [
        ...Array.from({ length: Math.min(pages, each) }, (_, i) => `${name}[${i}]`),
        `${name}[any]`,
      ]),
    ),
  ]
}

/** A number. What is no number yet stays in the box and is not written. */
export function NumberBox({ field, path, value, label, removable = false }: FieldProps<NumberField>) {
  const { put } = useForm()
  const [typed, setTyped] = useState<string | null>(null)
  const at = pathText(path)
  const props = useRemarkProps(at)
  const unwritten = typed !== null && !isNumber(typed)
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable}>
      <input
        {...props}
        {...(unwritten ? { 'aria-invalid': true } : {})}
        className="form-input"
        type="number"
        step={1}
        min={field.least}
        max={field.most}
        value={typed ?? String(value)}
        onChange={e => {
          setTyped(e.target.value)
          if (isNumber(e.target.value)) put(path, Number(e.target.value))
        }}
        onBlur={() => setTyped(null)}
      />
      {unwritten ? <p className="remark is-problem">Write a whole number.</p> : <Remarks at={at} />}
    </FieldFrame>
  )
}

const isNumber = (text: string): boolean => /^-?\d{1,15}(\.\d{1,9})?$/.test(text)

/** Yes or no. An optional no is left out. */
export function FlagBox({ field, path, value, label, removable = false, chosen = false }: FieldProps<FlagField>) {
  const { put, remove, words } = useForm()
  const at = pathText(path)
  const props = useRemarkProps(at)
  const known = chosen ? words.get(String(path.at(-1))) : undefined
  if (chosen) {
    return (
      <FieldFrame path={path} label={label} field={field} removable={removable} wide>
        <select
          {...props}
          className="form-input"
          value={String(value)}
          onChange={e => put(path, e.target.value === 'true')}
        >
          {['true', 'false'].map(word => (
            <option key={word} value={word}>
              {known?.values[word] ?? (word === 'true' ? 'yes' : 'no')}
            </option>
          ))}
        </select>
        <Remarks at={at} />
      </FieldFrame>
    )
  }
  return (
    <div className="field is-flag" data-at={at} data-label={label}>
      <label htmlFor={props.id}>
        <input
          {...props}
          type="checkbox"
          checked={value === true}
          onChange={e => {
            if (!e.target.checked && removable) remove(path)
            else put(path, e.target.checked)
          }}
        />{' '}
        {label}
      </label>
      <p className="unseen" id={`${props.id}-help`} data-help="">
        {field.help}
      </p>
      <Remarks at={at} />
    </div>
  )
}

/** One of some words. A word that is none of them is shown, and said to be none. */
export function ChoiceBox({ field, path, value, label, removable = false, chosen = false }: FieldProps<ChoiceField>) {
  const { put, words } = useForm()
  const at = pathText(path)
  const props = useRemarkProps(at)
  const known = chosen ? words.get(String(path.at(-1))) : undefined
  const stranger = !field.words.includes(value as string)
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable} wide={chosen}>
      <select
        {...props}
        className="form-input"
        value={stranger ? STRANGER : String(value)}
        onChange={e => put(path, e.target.value)}
      >
        {stranger && (
          <option value={STRANGER} disabled>
            {JSON.stringify(value).slice(0, 40)} (none of these)
          </option>
        )}
        {field.words.map(word => (
          <option key={word} value={word}>
            {known?.values[word] ?? word}
          </option>
        ))}
      </select>
      <Remarks at={at} below />
    </FieldFrame>
  )
}

/** Stands for what is not among the words. */
const STRANGER = '\u0000'

/** Always the same: nothing to choose. */
export function FixedBox({ field, path, value, label, removable = false }: FieldProps<FixedField>) {
  const at = pathText(path)
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable} labelled={false}>
      <code className="fixed">{String(value)}</code>
      <Remarks at={at} />
    </FieldFrame>
  )
}
