import type { KernelId } from '../../runs/settings.ts'

/** From this kernel on, until a later line: what a function of our programs is called, and where it stands if not in the file of the step. */
export interface Name {
  readonly since: KernelId
  readonly fn: string
  readonly file?: string
}

/**
 * By the name that our programs have for it: that of 6.1, 6.6 or 6.12. A kernel that had no such function has the name of what did its work
 * then. `caller>function` where it depends on who calls.
 */
export type Names = Readonly<Record<string, readonly Name[]>>

/** Its first name, and since when it has which other. Releases between two kernels here count for the later one. */
export const first = (fn: string, ...more: readonly (readonly [KernelId, string, string?])[]): Name[] =>
  withFile(fn, undefined, ...more)

/** Likewise, where it stood somewhere else at first. */
export const withFile = (
  fn: string,
  file: string | undefined,
  ...more: readonly (readonly [KernelId, string, string?])[]
): Name[] =>
  ([['2.6.27', fn, file], ...more] as const).map(([since, name, at]) => ({
    since,
    fn: name,
    ...(at === undefined ? {} : { file: at }),
  }))
