import type { ReactNode } from 'react'
import type { Field } from '../../core/base/form.ts'
import { type JsonPath, pathText } from '../../core/base/json-path.ts'
import { useForm } from './form-context.ts'
import { Sign } from './signs.tsx'

interface FrameProps {
  readonly path: JsonPath
  readonly label: string
  readonly field: Field
  readonly removable?: boolean
  /** It takes the whole width. */
  readonly wide?: boolean
  /** A heading above says what it is. */
  readonly quiet?: boolean
  /** Its control has an id and is labelled; else the label is plain text. */
  readonly labelled?: boolean
  readonly children: ReactNode
}

/** A field: its label, its control, its help for those who listen, and what is wrong with it. */
export function FieldFrame(props: FrameProps) {
  const { path, label, field, removable, wide = false, labelled = true, quiet = false, children } = props
  const { remove } = useForm()
  const at = pathText(path)
  return (
    <div className={wide ? 'field is-wide' : 'field'} data-at={at} data-label={label}>
      <div className={quiet ? 'field-head unseen' : 'field-head'}>
        {labelled ? <label htmlFor={idOf(at)}>{label}</label> : <span className="field-label">{label}</span>}
        {removable === true && (
          <button type="button" className="form-button icon" title="Leave it out" onClick={() => remove(path)}>
            <Sign name="remove" />
            <span className="unseen">Leave out: {label}</span>
          </button>
        )}
      </div>
      {children}
      <p className="unseen" id={`${idOf(at)}-help`} data-help="">
        {helpOf(field)}
      </p>
    </div>
  )
}

export const idOf = (at: string): string => `at-${at}`

/** What is wrong here, and what is worth knowing. `below`: also with parts that have no place of their own. */
export function Remarks({ at, below = false }: { readonly at: string; readonly below?: boolean }) {
  const { problems, notes } = useForm()
  const note = notes.get(at)
  const all = below
    ? [...problems].filter(([path]) => path === at || path.startsWith(`${at}[`) || path.startsWith(`${at}.`))
    : [[at, problems.get(at) ?? []] as const]
  const list = all.flatMap(([, some]) => some)
  if (list.length === 0 && note === undefined) return null
  return (
    <div className="remarks" id={`${idOf(at)}-remarks`}>
      {list.map(p => (
        <p key={`${p.at} ${p.message}`} className="remark is-problem">
          <Sign name="warn" />
          <span>
            {sentence(p.message)} {p.mend}
          </span>
        </p>
      ))}
      {note !== undefined && (
        <p className={note.wrong ? 'remark is-wrong' : 'remark'}>
          <Sign name={note.wrong ? 'warn' : 'note'} />
          <span>{note.message}</span>
        </p>
      )}
    </div>
  )
}

/** What a control says of itself to those who listen. */
export function useRemarkProps(at: string) {
  const { problems, notes } = useForm()
  const wrong = problems.has(at)
  const remarks = wrong || notes.has(at) ? ` ${idOf(at)}-remarks` : ''
  return {
    id: idOf(at),
    'aria-describedby': `${idOf(at)}-help${remarks}`,
    ...(wrong ? { 'aria-invalid': true as const } : {}),
  }
}

/** The help of a field with its limits. */
export function helpOf(field: Field): string {
  if (field.kind === 'number' && field.most < Number.MAX_SAFE_INTEGER) {
    return `${field.help} ${field.least} to ${field.most}.`.trim()
  }
  return field.help
}

const sentence = (text: string): string => `${(text[0] ?? '').toUpperCase()}${text.slice(1)}.`
