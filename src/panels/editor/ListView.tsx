import { useState } from 'react'
import type { ListField, NumberField } from '../../core/base/form.ts'
import { pathText } from '../../core/base/json-path.ts'
import { FieldFrame, Remarks, useRemarkProps } from './FieldFrame.tsx'
import { useForm } from './form-context.ts'
import { freshFor } from './fresh.ts'
import { labelOf, oneOf } from './hints.ts'
import { Items } from './Items.tsx'
import { type FieldProps, InnerField } from './inner-field.tsx'
import { rangesText, readRanges } from './page-set.ts'
import { Sign } from './signs.tsx'

/** A list: numbers in one line, anything else one below the other, in an order that can be changed. */
export function ListView(props: FieldProps<ListField>) {
  const { field, path, value, label, removable = false, quiet = false } = props
  const items = value as readonly unknown[]
  const at = pathText(path)
  if (field.item.kind === 'number' && items.every(x => Number.isSafeInteger(x) && (x as number) >= 0)) {
    return <NumberSet {...props} item={field.item} />
  }
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable} quiet={quiet} wide labelled={false}>
      <Remarks at={at} />
      {isPart(field.item) ? <Items field={field} path={path} items={items} /> : <Words {...props} items={items} />}
    </FieldFrame>
  )
}

const isPart = ({ kind }: ListField['item']): boolean => kind === 'object' || kind === 'variant' || kind === 'list'

/** Whole numbers as ranges: `0-3, 7`. */
function NumberSet({ field, path, value, label, removable = false }: FieldProps<ListField> & { item: NumberField }) {
  const { put } = useForm()
  const [typed, setTyped] = useState<string | null>(null)
  const at = pathText(path)
  const props = useRemarkProps(at)
  const unwritten = typed !== null && readRanges(typed) === null
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable}>
      <input
        {...props}
        {...(unwritten ? { 'aria-invalid': true } : {})}
        className="form-input"
        type="text"
        spellCheck={false}
        autoComplete="off"
        placeholder="none"
        value={typed ?? rangesText(value as readonly number[])}
        onChange={e => {
          setTyped(e.target.value)
          const numbers = readRanges(e.target.value)
          if (numbers !== null) put(path, numbers)
        }}
        onBlur={() => setTyped(null)}
      />
      {unwritten ? <p className="remark is-problem">Write numbers and ranges: 0-3, 7.</p> : <Remarks at={at} below />}
    </FieldFrame>
  )
}

/** Short values, one below the other. */
function Words({ field, path, items }: FieldProps<ListField> & { readonly items: readonly unknown[] }) {
  const { insert, remove, whole } = useForm()
  const name = String(path.at(-1) ?? '')
  return (
    <ul className="words">
      {items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what stands at a place is what its field is about
        <li key={i}>
          <InnerField field={field.item} path={[...path, i]} value={item} label={`${labelOf(name)}, ${i + 1}`} />
          <button type="button" className="form-button icon" onClick={() => remove([...path, i])}>
            <Sign name="remove" />
            <span className="unseen">
              Remove {oneOf(name)} {i + 1}
            </span>
          </button>
        </li>
      ))}
      {items.length < field.most && (
        <li>
          <button
            type="button"
            className="form-button"
            data-adds={pathText([...path, items.length])}
            onClick={() => insert(path, items.length, freshFor(field.item, patternOf([...path, 0]), whole))}
          >
            <Sign name="add" /> Add a {oneOf(name)}
          </button>
        </li>
      )}
    </ul>
  )
}

const patternOf = (path: FieldProps['path']): string => pathText(path).replaceAll(/\[\d+\]/g, '[]')
