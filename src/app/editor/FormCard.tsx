import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { type JsonPath, pathText } from '../../core/base/json-path.ts'
import type { Problem } from '../../core/base/problem.ts'
import { FormPanel } from '../../panels/editor/FormPanel.tsx'
import type { FormState } from '../../panels/editor/form-context.ts'
import { useLab } from '../lab-context.ts'
import { insert, move, put, remove, rename } from './json-edit.ts'
import { session } from './session.ts'
import { fieldToVisit } from './visit.ts'

/** The form: what it shows comes from the text, and what it does is done to the text. */
export function FormCard({ onVisit }: { readonly onVisit: (at: string | null) => void }) {
  const materials = useStore(session, s => s.materials)
  const failure = useStore(session, s => s.failure)
  const whole = useStore(session, s => s.reading.value)
  const fault = useStore(session, s => s.reading.fault)
  const checked = useStore(session, s => s.checked)
  const switches = useLab(s => s.catalogue?.switches)
  const [said, setSaid] = useState('')
  const card = useRef<HTMLElement>(null)

  const words = useMemo(
    () =>
      new Map(
        (switches ?? []).map(s => [
          s.id,
          { label: s.label, values: Object.fromEntries(s.values.map(x => [String(x.value), x.label])) },
        ]),
      ),
    [switches],
  )
  const problems = useMemo(() => {
    const byPath = new Map<string, Problem[]>()
    for (const p of checked?.problems ?? []) {
      const at = pathText(p.path)
      byPath.set(at, [...(byPath.get(at) ?? []), p])
    }
    return byPath
  }, [checked])
  const notes = useMemo(() => new Map((checked?.notes ?? []).map(n => [pathText(n.path), n])), [checked])
  const state: FormState = useMemo(
    () => ({ ...ACTIONS, whole, problems: fault === null ? problems : NONE, notes, words, say: setSaid }),
    [whole, problems, notes, words, fault],
  )
  useEffect(() => fieldToVisit.subscribe(at => card.current !== null && visit(card.current, at)), [])

  return (
    <section className="editor-card form-card" aria-labelledby="form-title" ref={card}>
      <h2 id="form-title">Form</h2>
      <p className="unseen" role="status">
        {said}
      </p>
      {fault !== null && (
        <p className="editor-locked" role="status">
          The form waits: the text beside it is not JSON, at line {fault.line}. Nothing is lost; mend it there, or take
          the last change back.
        </p>
      )}
      {materials === null ? (
        <p className="muted">
          {failure === null
            ? 'One moment…'
            : `The form cannot be shown: ${failure}. The JSON can be edited all the same.`}
        </p>
      ) : (
        <FormPanel form={materials.form} state={state} locked={fault !== null} onVisit={onVisit} />
      )}
    </section>
  )
}

const NONE: ReadonlyMap<string, readonly Problem[]> = new Map()

/** Every change of the form is a change of the text. Keystrokes in one field are one step back. */
const change = (by: string, make: (text: string) => string): void => {
  const { history, write } = session.getState()
  write(make(history.text), by)
}
const ACTIONS = {
  put: (path: JsonPath, value: unknown, order?: readonly string[]) =>
    change(`put ${pathText(path)}`, text => put(text, path, value, order)),
  remove: (path: JsonPath) => change(`remove ${session.getState().history.done.length}`, text => remove(text, path)),
  insert: (path: JsonPath, index: number, value: unknown) =>
    change(`insert ${session.getState().history.done.length}`, text => insert(text, path, index, value)),
  move: (path: JsonPath, from: number, to: number) =>
    change(`move ${session.getState().history.done.length}`, text => move(text, path, from, to)),
  rename: (path: JsonPath, name: string) => change(`rename ${pathText(path)}`, text => rename(text, path, name)),
}

/** Brings a field to the reader: what hides it opens, and its control has the focus. */
function visit(card: HTMLElement, at: string): void {
  const frames = [...card.querySelectorAll<HTMLElement>('[data-at]')]
  const frame = frames.findLast(f => at === f.dataset.at) ?? frames.findLast(f => at.startsWith(f.dataset.at ?? '\0'))
  if (frame === undefined) return
  for (let node: HTMLElement | null = frame; node !== null && node !== card; node = node.parentElement) {
    if (node instanceof HTMLDetailsElement) node.open = true
  }
  frame.querySelector(':scope > details')?.setAttribute('open', '')
  const control = frame.querySelector<HTMLElement>('input, select, textarea, summary, button')
  frame.scrollIntoView({ block: 'nearest' })
  control?.focus({ preventScroll: true })
}
