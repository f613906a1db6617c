/** Something that recordings show, with those that show it. */
export interface Finding {
  readonly claim: string
  readonly shown: readonly { readonly name: string; readonly href: string }[]
}

/** What the recordings show, each claim with its source. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <section className="findings" aria-label="What the recordings show">
      <h3>What the recordings show</h3>
      <ol>
        {findings.map(({ claim, shown }) => (
          <li key={claim}>
            {claim}{' '}
            <span className="findings-shown">
              {shown.map(({ name, href }) => (
                <a key={name} href={href}>
                  {name}
                </a>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
