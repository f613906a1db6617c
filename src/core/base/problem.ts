/**
 * What is wrong with something that came from outside, where, and how to mend it.
 * `at` is a place the reader can find: a JSON path (`actors[1].script[0].page`), `line 12, column 4`, `schedule step 7`.
 */
export interface Problem {
  readonly at: string
  readonly message: string
  readonly mend: string
}

/** A value, or everything that kept us from having one. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value })
export const failed = (...problems: readonly Problem[]): Parsed<never> => ({ ok: false, problems })

/** One line a person can act on. */
export const problemLine = (p: Problem): string => `${p.at}: ${p.message}. ${p.mend}`
