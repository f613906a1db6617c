import type { PhaseView, RibbonView } from '../../core/view/world.ts'
import { nameLines } from '../ribbon/ribbon.ts'
import { type PhasePair, phasePairs } from './phase-pairs.ts'

interface Props {
  readonly here: { readonly name: string; readonly ribbon: RibbonView; readonly phase: number | null }
  readonly there: { readonly name: string; readonly ribbon: RibbonView; readonly phase: number | null }
}

/** Both ribbons in the same columns: a callback stands above the hole where the other kernel makes none. */
export function Ribbons({ here, there }: Props) {
  const pairs = phasePairs(here.ribbon.phases, there.ribbon.phases)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="pairs-scroll" tabIndex={0} aria-label="Phases side by side">
      <ol className="pairs">
        <li className="pair">
          <b className="pair-name">{here.name}</b>
          <b className="pair-name">{there.name}</b>
        </li>
        {pairs.map(pair => (
          <li
            key={`${pair.here?.index ?? '-'} ${pair.there?.index ?? '-'}`}
            className={pair.same ? 'pair' : 'pair is-different'}
          >
            <Side pair={pair} side="here" name={here.name} phase={here.phase} />
            <Side pair={pair} side="there" name={there.name} phase={there.phase} />
          </li>
        ))}
      </ol>
    </section>
  )
}

interface SideProps {
  readonly pair: PhasePair
  readonly side: 'here' | 'there'
  readonly name: string
  /** The phase that this side is in. */
  readonly phase: number | null
}

function Side({ pair, side, name, phase }: SideProps) {
  const own = pair[side]
  const spoken = <span className="unseen">{pair.same ? '' : `${name}: `}</span>
  if (own === null)
    return (
      <span className="pair-phase is-absent">
        {spoken}
        none
      </span>
    )
  const current = own.index === phase
  return (
    <span
      className={`pair-phase is-${own.phase.kind}${own.phase.amber ? ' is-amber' : ''}`}
      aria-current={current ? 'step' : undefined}
      title={own.phase.note}
    >
      {spoken}
      <span className="pair-title">
        {nameLines(own.phase.title).map(line => (
          <span key={line}>{line}</span>
        ))}
      </span>
      {wordOf(own.phase) !== '' && <span className="pair-word">{wordOf(own.phase)}</span>}
    </span>
  )
}

const wordOf = ({ kind, title }: PhaseView): string =>
  kind === 'empty' ? 'empty' : kind === 'hole' && !title.startsWith('no call') ? 'no call' : ''
