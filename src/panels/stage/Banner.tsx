import { Mark } from '../shared/Mark.tsx'
import type { Harm } from './harm.ts'

/** The moment the film is about, in words one can read from the last row. */
export function Banner({ harm }: { readonly harm: Harm }) {
  return (
    <p className="banner">
      <strong>
        <Mark kind="damage" /> {harm.title}
      </strong>
      <span className="banner-detail">{harm.detail}</span>
    </p>
  )
}
