import { blankOf, type Field, fits, type UnionField } from '../../core/base/form.ts'
import { pathText } from '../../core/base/json-path.ts'
import { FieldFrame, Remarks, useRemarkProps } from './FieldFrame.tsx'
import { useForm } from './form-context.ts'
import { type FieldProps, InnerField } from './inner-field.tsx'

/** One of several kinds of value: words to choose, and a field for what is not a word. */
export function UnionView({ field, path, value, label, removable = false }: FieldProps<UnionField>) {
  const { put } = useForm()
  const at = pathText(path)
  const props = useRemarkProps(at)
  const now = field.options.findIndex(option => fits(option, value))
  const option = field.options[now]
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable}>
      <select
        {...props}
        className="form-input"
        value={option?.kind === 'choice' ? `word ${value}` : `kind ${now}`}
        onChange={e => {
          const picked = e.target.value
          const other = field.options[Number(picked.slice('kind '.length))]
          if (picked.startsWith('word ')) put(path, picked.slice('word '.length))
          else if (other !== undefined) put(path, startOf(other))
        }}
      >
        {field.options.flatMap((o, i) =>
          o.kind === 'choice'
            ? o.words.map(word => (
                <option key={`word ${word}`} value={`word ${word}`}>
                  {word}
                </option>
              ))
            : [
                <option key={`kind ${KINDS[o.kind]}`} value={`kind ${i}`}>
                  {KINDS[o.kind]}
                </option>,
              ],
        )}
      </select>
      {option !== undefined && option.kind !== 'choice' ? (
        <InnerField field={withHelp(option, field)} path={path} value={value} label={KINDS[option.kind]} />
      ) : (
        <Remarks at={at} below />
      )}
    </FieldFrame>
  )
}

const KINDS: Readonly<Record<Field['kind'], string>> = {
  text: 'text',
  number: 'a number',
  flag: 'yes or no',
  choice: 'a word',
  fixed: 'as it is',
  list: 'some of them',
  object: 'in detail',
  variant: 'in detail',
  union: 'another',
  any: 'as JSON',
}

const startOf = (field: Field): unknown => (field.kind === 'list' ? [blankOf(field.item)] : blankOf(field))
const withHelp = (option: Field, { help }: Field): Field => (option.help === '' ? { ...option, help } : option)
