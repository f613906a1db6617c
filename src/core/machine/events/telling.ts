import type { Names } from '../caption.ts'

/** How one kind of event is told, wherever events are told. */
export interface Telling<E> {
  /** A clause, without capital and full stop. */
  readonly caption: (e: E, n: Names) => string
  /** Short, for a mark on the timeline. */
  readonly mark: (e: E, n: Names) => string
  readonly tone: 'neutral' | 'mapped' | 'unmapped' | 'freed' | 'table' | 'invalidated' | 'damage'
  /** Said beside the main clause of its step: harm, above all. */
  readonly also?: true
  /** Why it matters, in place of what the operation says of itself. */
  readonly why?: string
}

/** One telling for each event of a family. */
export type Tellings<E extends { readonly type: string }> = {
  readonly [T in E['type']]: Telling<Extract<E, { readonly type: T }>>
}
