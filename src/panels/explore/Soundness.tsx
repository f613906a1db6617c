import { memo } from 'react'
import type { Counter } from './Counters.tsx'

interface Props {
  /** Sizes of what is searched. */
  readonly sizes: readonly Counter[]
  /** Rules that the search tries to break. */
  readonly rules: readonly { readonly id: string; readonly sentence: string }[]
  readonly method: readonly string[]
  readonly leftOut: readonly string[]
}

/** How far an answer reaches: what was looked at, and what is not in the model at all. */
export const Soundness = memo(({ sizes, rules, method, leftOut }: Props) => (
  <div className="soundness">
    <section className="sheet" aria-labelledby="covers">
      <h3 id="covers">What this covers</h3>
      <dl className="sizes">
        {sizes.map(s => (
          <div key={s.name}>
            <dt>{s.name}</dt>
            <dd>{s.value}</dd>
          </div>
        ))}
      </dl>
      <ul>
        {rules.map(r => (
          <li key={r.id}>
            In every state: “{r.sentence}” <span className="matrix-bugs">{r.id}</span>
          </li>
        ))}
        {method.map(m => (
          <li key={m}>{m}</li>
        ))}
      </ul>
    </section>
    <section className="sheet" aria-labelledby="leaves-out">
      <h3 id="leaves-out">What the model leaves out</h3>
      <ul>
        {leftOut.map(text => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  </div>
))
