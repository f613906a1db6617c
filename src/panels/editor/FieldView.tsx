import { fits } from '../../core/base/form.ts'
import { pathText } from '../../core/base/json-path.ts'
import { printFlat } from '../../core/base/json-print.ts'
import { AnyView } from './AnyView.tsx'
import { FieldFrame, Remarks } from './FieldFrame.tsx'
import { useForm } from './form-context.ts'
import { freshFor } from './fresh.ts'
import type { FieldProps } from './inner-field.tsx'
import { ListView } from './ListView.tsx'
import { ObjectView } from './ObjectView.tsx'
import { ChoiceBox, FixedBox, FlagBox, NumberBox, TextBox } from './simple-fields.tsx'
import { UnionView } from './UnionView.tsx'
import { VariantView } from './VariantView.tsx'

/** Whatever a field asks for. What stands there and does not belong is shown as it is, with a way to begin anew. */
export function FieldView(props: FieldProps) {
  const { field, value } = props
  if (!fits(field, value) && field.kind !== 'choice') return <Misfit {...props} />
  switch (field.kind) {
    case 'text':
      return <TextBox {...props} field={field} />
    case 'number':
      return <NumberBox {...props} field={field} />
    case 'flag':
      return <FlagBox {...props} field={field} />
    case 'choice':
      return <ChoiceBox {...props} field={field} />
    case 'fixed':
      return <FixedBox {...props} field={field} />
    case 'list':
      return <ListView {...props} field={field} />
    case 'object':
      return <ObjectView {...props} field={field} />
    case 'variant':
      return <VariantView {...props} field={field} />
    case 'union':
      return <UnionView {...props} field={field} />
    case 'any':
      return <AnyView {...props} field={field} />
  }
}

function Misfit({ field, path, value, label, removable = false }: FieldProps) {
  const { put, whole } = useForm()
  const text = printFlat(value)
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable} wide labelled={false}>
      <div className="misfit">
        <code>{text.length > 200 ? `${text.slice(0, 199)}…` : text}</code>
        <button
          type="button"
          className="form-button"
          onClick={() => put(path, freshFor(field, pathText(path).replaceAll(/\[\d+\]/g, '[]'), whole))}
        >
          Begin anew<span className="unseen">: {label}</span>
        </button>
      </div>
      <Remarks at={pathText(path)} below />
    </FieldFrame>
  )
}
