import { createContext, useContext } from 'react'
import type { JsonPath } from '../../core/base/json-path.ts'
import type { Problem } from '../../core/base/problem.ts'

/** What the form asks for; whoever draws it changes the text, and the form is drawn anew from that. */
export interface FormActions {
  /** Another value; a member that is not there is added in the order of `order`. `by` groups keystrokes into one step back. */
  put(path: JsonPath, value: unknown, order?: readonly string[]): void
  remove(path: JsonPath): void
  insert(path: JsonPath, index: number, value: unknown): void
  move(path: JsonPath, from: number, to: number): void
  rename(path: JsonPath, name: string): void
}

/** A switch of the policy as its catalogue words it. */
export interface ChoiceWords {
  readonly label: string
  readonly values: Readonly<Record<string, string>>
}

export interface FormState extends FormActions {
  /** The whole scenario, whatever it is. */
  readonly whole: unknown
  /** By path, as text. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>
  readonly notes: ReadonlyMap<string, { readonly message: string; readonly wrong: boolean }>
  /** Better words for members of a list of choices, by name. */
  readonly words: ReadonlyMap<string, ChoiceWords>
  /** Says something to those who listen. */
  say(sentence: string): void
}

export const FormContext = createContext<FormState | null>(null)

export function useForm(): FormState {
  const form = useContext(FormContext)
  if (form === null) throw new Error('a field was drawn outside a form')
  return form
}

/** How many problems stand at a path or below it. */
export function problemsBelow(problems: FormState['problems'], at: string): number {
  let count = 0
  for (const [path, list] of problems) {
    if (path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`) || at === '') count += list.length
  }
  return count
}
