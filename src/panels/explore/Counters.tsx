/** One number of a search, with its name. */
export interface Counter {
  readonly name: string
  readonly value: string
}

/** How far a search is, in numbers that do not jump. */
export function Counters({ counters }: { readonly counters: readonly Counter[] }) {
  return (
    <dl className="counters">
      {counters.map(c => (
        <div key={c.name}>
          <dt>{c.name}</dt>
          <dd>{c.value}</dd>
        </div>
      ))}
    </dl>
  )
}
