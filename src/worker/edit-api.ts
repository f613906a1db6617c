import type { Field } from '../core/base/form.ts'
import type { JsonPath } from '../core/base/json-path.ts'
import type { WorldView } from '../core/view/world.ts'
import type { Located } from './locate.ts'

/** What the page may ask of the worker that reads scenarios while they are written. It keeps nothing between two calls. */
export interface EditApi {
  /** What a scenario is made of, and the shipped ones to start from. */
  materials(): Materials
  /**
   * Everything there is to say of a text that may be a scenario: what is wrong and where; when nothing is, the machine as it
   * stands before the first step under `kernel`, and whether the things to try can be tried.
   */
  check(text: string, kernel: string): Checked
}

export interface Materials {
  readonly form: Field
  readonly shipped: readonly { readonly id: string; readonly title: string; readonly text: string }[]
}

export interface Checked {
  /** In the order in which they stand in the text. */
  readonly problems: readonly Located[]
  readonly preview: Preview | null
  /** About parts that are no problem: where a schedule leads. */
  readonly notes: readonly Note[]
}

/** The scenario before its first step. */
export interface Preview {
  readonly title: string
  readonly world: WorldView
  /** Names of all that can move. */
  readonly actors: readonly string[]
  readonly stateBytes: number
  /** The kernel it was built for. */
  readonly kernel: string
}

export interface Note {
  readonly path: JsonPath
  readonly message: string
  /** It does not do what it says. */
  readonly wrong: boolean
}
