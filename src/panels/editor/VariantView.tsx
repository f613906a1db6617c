import { shapeFor, type VariantField } from '../../core/base/form.ts'
import { pathText } from '../../core/base/json-path.ts'
import { FieldFrame, Remarks, useRemarkProps } from './FieldFrame.tsx'
import { useForm } from './form-context.ts'
import { reshaped } from './fresh.ts'
import { labelOf } from './hints.ts'
import type { FieldProps } from './inner-field.tsx'
import { Members, Strangers } from './ObjectView.tsx'

/** An object of one of several shapes: the word that says which, then what that shape has. */
export function VariantView({ field, path, value }: FieldProps<VariantField>) {
  const { put, whole } = useForm()
  const old = value as Readonly<Record<string, unknown>>
  const at = pathText([...path, field.key])
  const props = useRemarkProps(at)
  const word = Object.hasOwn(old, field.key) ? old[field.key] : undefined
  const shape = shapeFor(field, word)
  const members = shape?.members.filter(m => m.name !== field.key) ?? []
  const pattern = pathText(path).replaceAll(/\[\d+\]/g, '[]')
  return (
    <>
      <Remarks at={pathText(path)} />
      <FieldFrame
        path={[...path, field.key]}
        label={labelOf(field.key)}
        field={shape === undefined ? field : { ...field, help: shape.help }}
        wide
      >
        <select
          {...props}
          className="form-input"
          value={shape === undefined ? '' : String(word)}
          onChange={e => put(path, reshaped(field, e.target.value, old, pattern, whole))}
        >
          {shape === undefined && (
            <option value="" disabled>
              {word === undefined ? 'Choose' : `${JSON.stringify(word).slice(0, 40)} (none of these)`}
            </option>
          )}
          {field.shapes.flatMap(s =>
            s.words.map(w => (
              <option key={w} value={w} title={s.help}>
                {w}
              </option>
            )),
          )}
        </select>
        <Remarks at={at} below />
      </FieldFrame>
      <Members members={members} path={path} value={value} order={shape?.members.map(m => m.name) ?? []} />
      {shape !== undefined && <Strangers members={shape.members} path={path} value={value} />}
    </>
  )
}
