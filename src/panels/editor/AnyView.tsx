import { useState } from 'react'
import type { AnyField } from '../../core/base/form.ts'
import { pathText } from '../../core/base/json-path.ts'
import { printJson } from '../../core/base/json-print.ts'
import { FieldFrame, Remarks, useRemarkProps } from './FieldFrame.tsx'
import { useForm } from './form-context.ts'
import type { FieldProps } from './inner-field.tsx'

/** A part that the form has no better way to ask for: as JSON. */
export function AnyView({ field, path, value, label, removable = false }: FieldProps<AnyField>) {
  const { put } = useForm()
  const [typed, setTyped] = useState<string | null>(null)
  const at = pathText(path)
  const props = useRemarkProps(at)
  const broken = typed !== null && parsedOrNothing(typed) === undefined
  return (
    <FieldFrame path={path} label={label} field={field} removable={removable} wide>
      <textarea
        {...props}
        className="form-input is-code"
        rows={3}
        spellCheck={false}
        value={typed ?? printJson(value)}
        onChange={e => {
          setTyped(e.target.value)
          const read = parsedOrNothing(e.target.value)
          if (read !== undefined) put(path, read.value)
        }}
        onBlur={() => setTyped(null)}
      />
      {broken ? (
        <p className="remark is-problem">This is not JSON yet: it is not written.</p>
      ) : (
        <Remarks at={at} below />
      )}
    </FieldFrame>
  )
}

function parsedOrNothing(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
