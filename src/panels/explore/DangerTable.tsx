import type { DangerStrip, Tally } from '../../core/studies/danger.ts'
import { Percent } from './Weights.tsx'

interface Props {
  readonly strip: DangerStrip
  readonly hrefOf: (schedule: string) => string
  readonly count: (n: number) => string
}

/** The strip as a table, with what falls into each gap. */
export function DangerTable({ strip, hrefOf, count }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so it must be reachable by keyboard
    <section className="danger-table-scroll" tabIndex={0} aria-label={`Gaps of ${strip.cpu} as a table`}>
      <table className="danger-table">
        <thead>
          <tr>
            <th scope="col">After</th>
            <th scope="col">Function</th>
            <th scope="col">Pages</th>
            <th scope="col">Of all accesses</th>
            <th scope="col">of these, damage</th>
            <th scope="col">Of all walk reads</th>
            <th scope="col">of these, in a freed table</th>
            <th scope="col">A shortest run</th>
          </tr>
        </thead>
        <tbody>
          {strip.gaps.map(({ after, amber, accesses, walks }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: gaps of one strip, in order
            <tr key={i}>
              <th scope="row">{after?.mark ?? 'before the first operation'}</th>
              <td className="mono">{after?.fn ?? ''}</td>
              <td>{amber ? 'unmapped, not yet freed' : ''}</td>
              <Numbers tally={accesses} none="none can happen" />
              <Numbers tally={walks} none="none can happen" />
              <td className="danger-runs">
                <Watch tally={accesses} what="access" i={i} hrefOf={hrefOf} count={count} />{' '}
                <Watch tally={walks} what="walk" i={i} hrefOf={hrefOf} count={count} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Numbers({ tally: { share, harm }, none }: { readonly tally: Tally; readonly none: string }) {
  if (harm === null)
    return (
      <td colSpan={2} className="muted">
        {none}
      </td>
    )
  return (
    <>
      <td className="is-number">
        <Percent share={share} />
      </td>
      <td className={`is-number${harm > 0 ? ' is-harm' : ''}`}>
        <Percent share={harm} />
      </td>
    </>
  )
}

interface WatchProps {
  readonly tally: Tally
  readonly what: string
  readonly i: number
  readonly hrefOf: Props['hrefOf']
  readonly count: Props['count']
}

function Watch({ tally: { run }, what, i, hrefOf, count }: WatchProps) {
  if (run === null) return null
  return (
    <a className="look-watch" href={hrefOf(run.schedule)}>
      {what}, {count(run.steps)} steps<span className="unseen">, gap {i + 1}</span>
    </a>
  )
}
