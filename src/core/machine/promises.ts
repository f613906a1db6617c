import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * Rule I6: when an operation that removed or reduced access reports that it is done, no translator may grant the old access any
 * more. From then on an access that needs it is harm, until a PTE grants it anew.
 */

/** What the kernel has said to be over. */
export const REVOKED = { nothing: 0, write: 1, all: 2 } as const
export type Revoked = (typeof REVOKED)[keyof typeof REVOKED]

export const promiseColumns = (b: LayoutBuilder, { features, pages }: FeatureSizes) => ({
  /** By page: REVOKED. */
  revoked: b.column('revoked', features.promises ? pages.length : 0, 2),
})

/** From here on somebody counts on it that nobody writes the page, or that nobody reaches it. */
export function promise(s: Shape, m: Machine, page: number, what: Exclude<Revoked, 0>): void {
  if (s.revoked.length > 0 && get(m, s.revoked, page) < what) set(m, s.revoked, page, what)
}

/** A PTE was set that grants access again. */
export function grantAnew(s: Shape, m: Machine, page: number, writable: boolean): void {
  if (s.revoked.length === 0) return
  const before = get(m, s.revoked, page)
  const after = writable ? REVOKED.nothing : Math.min(before, REVOKED.write)
  if (after !== before) set(m, s.revoked, page, after)
}

/** Was it promised that no such access happens? */
export const isRevoked = (s: Shape, m: Machine, page: number, write: boolean): boolean =>
  s.revoked.length > 0 && get(m, s.revoked, page) >= (write ? REVOKED.write : REVOKED.all)
