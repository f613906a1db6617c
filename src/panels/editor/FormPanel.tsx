import { type FocusEvent, type PointerEvent, useMemo, useState } from 'react'
import { type Field, fits, type MemberField } from '../../core/base/form.ts'
import { Remarks } from './FieldFrame.tsx'
import { FieldView } from './FieldView.tsx'
import { FormContext, type FormState, problemsBelow } from './form-context.ts'
import { OTHERS, SECTIONS, type Section } from './hints.ts'
import { FieldContext } from './inner-field.tsx'
import { Members, Strangers } from './ObjectView.tsx'
import { Sign } from './signs.tsx'
import './form.css'

export interface FormProps {
  readonly form: Field
  readonly state: FormState
  /** Nothing can be changed: the text is no JSON. */
  readonly locked: boolean
  /** The field that has the focus, by its path as text. */
  readonly onVisit: (at: string) => void
}

/** The scenario as a form, drawn from its schema. Every change is asked for, none is made here. */
export function FormPanel({ form, state, locked, onVisit }: FormProps) {
  const [told, setTold] = useState<{ readonly label: string; readonly help: string } | null>(null)
  const tell = (target: EventTarget | null): string | null => {
    const frame = target instanceof Element ? target.closest<HTMLElement>('[data-at]') : null
    if (frame === null) return null
    const help = frame.querySelector(':scope > [data-help]')?.textContent ?? ''
    if (help !== '') setTold({ label: frame.dataset.label ?? '', help })
    return frame.dataset.at ?? null
  }
  const onFocus = (event: FocusEvent) => {
    const at = tell(event.target)
    if (at !== null) onVisit(at)
  }
  const onPointer = (event: PointerEvent) => {
    if (event.pointerType === 'mouse') tell(event.target)
  }
  const value = state.whole
  return (
    <FieldContext value={FieldView}>
      <FormContext value={state}>
        <div className="form">
          <div className="form-scroll" {...(locked ? { tabIndex: 0 } : {})}>
            <fieldset className="form-fields" disabled={locked} onFocus={onFocus} onPointerOver={onPointer}>
              <legend className="unseen">The scenario as a form</legend>
              {form.kind === 'object' && fits(form, value) ? (
                <Sections members={form.members} value={value} />
              ) : (
                value !== undefined && <FieldView field={form} path={[]} value={value} label="Scenario" />
              )}
            </fieldset>
          </div>
          <p className="form-help" aria-hidden="true">
            {told === null ? (
              'Point at a field to see what it means.'
            ) : (
              <>
                <b>{told.label}.</b> {told.help}
              </>
            )}
          </p>
        </div>
      </FormContext>
    </FieldContext>
  )
}

interface SectionsProps {
  readonly members: readonly MemberField[]
  readonly value: unknown
}

function Sections({ members, value }: SectionsProps) {
  const sections = useMemo(() => {
    const placed = new Set(SECTIONS.flatMap(s => s.names))
    const rest = members.filter(m => !placed.has(m.name)).map(m => m.name)
    const all: readonly Section[] = [...SECTIONS, { ...OTHERS, names: rest }]
    return all.map(section => ({
      ...section,
      members: section.names.flatMap(name => members.find(m => m.name === name) ?? []),
    }))
  }, [members])
  const order = members.map(m => m.name)
  return (
    <>
      <Remarks at="" />
      <Strangers members={members} path={[]} value={value} />
      {sections.map(
        section =>
          section.members.length > 0 && <SectionView key={section.title} {...section} value={value} order={order} />,
      )}
    </>
  )
}

interface SectionProps extends Section, SectionsProps {
  readonly order: readonly string[]
}

function SectionView({ title, names, open, members, value, order }: SectionProps) {
  return (
    <FormContext.Consumer>
      {state => {
        const wrong = names.reduce((sum, name) => sum + (state === null ? 0 : problemsBelow(state.problems, name)), 0)
        return (
          <details className="section" open={open}>
            <summary>
              <h3>{title}</h3>
              {wrong > 0 && (
                <span className="item-wrong">
                  <Sign name="warn" />
                  {wrong}
                  <span className="unseen"> {wrong === 1 ? 'problem' : 'problems'}</span>
                </span>
              )}
            </summary>
            <Members members={members} path={[]} value={value} heading={title} order={order} />
          </details>
        )
      }}
    </FormContext.Consumer>
  )
}
