import { type CSSProperties, useId, useState } from 'react'
import type { Danger as DangerAnswer, DangerStrip, Tally, UnmapOp } from '../../core/studies/danger.ts'
import { Breakable } from '../shared/Breakable.tsx'
import { Mark } from '../shared/Mark.tsx'
import { DangerTable } from './DangerTable.tsx'
import './danger.css'
import { harmOf, type NumberedGap, reachOf, type Stretch, stretchesOf } from './danger.ts'
import './outcomes.css'
import { Percent } from './Weights.tsx'
import { shortPercentOf } from './weights.ts'

interface Props {
  readonly answer: DangerAnswer
  /** Where a run can be watched. */
  readonly hrefOf: (schedule: string) => string
  readonly count: (n: number) => string
}

/** A strip along the operations of an unmap: in each gap between two of them, how much of what a device does there is damage. */
export function Danger({ answer, hrefOf, count }: Props) {
  const [chosen, choose] = useState(0)
  const id = useId()
  const strip = answer.strips[chosen] ?? answer.strips[0]
  if (strip === undefined) return <p>No CPU of this scenario unmaps anything.</p>
  return (
    <div className="danger">
      <Lead strip={strip} weighing={answer.weighing} />
      {answer.strips.length > 1 && (
        <p>
          <label htmlFor={id}>Whose unmap</label>{' '}
          <select id={id} value={chosen} onChange={event => choose(Number(event.target.value))}>
            {answer.strips.map((s, i) => (
              <option key={s.cpu} value={i}>
                {s.cpu}
              </option>
            ))}
          </select>
        </p>
      )}
      <Strip strip={strip} hrefOf={hrefOf} />
      <Key />
      <details>
        <summary>Gap by gap</summary>
        <DangerTable strip={strip} hrefOf={hrefOf} count={count} />
      </details>
    </div>
  )
}

function Lead({ strip, weighing }: { readonly strip: DangerStrip; readonly weighing: DangerAnswer['weighing'] }) {
  const accesses = harmOf(strip, 'accesses')
  const walks = harmOf(strip, 'walks')
  const harm = (accesses ?? 0) > 0 || (walks ?? 0) > 0
  if (accesses === null && walks === null)
    return (
      <div className="look-lead">
        <p className="look-headline is-empty">
          <Mark kind="empty" /> No device accesses memory here.
        </p>
      </div>
    )
  return (
    <div className="look-lead">
      <p className={`look-headline ${harm ? 'is-harm' : 'is-fine'}`}>
        <Mark kind={harm ? 'violated' : 'holds'} />{' '}
        {accesses !== null && accesses > 0 ? (
          <span>
            <Percent share={accesses} /> of all device accesses are damage.
          </span>
        ) : walks !== null && walks > 0 ? (
          <span>
            <Percent share={walks} /> of all walk reads hit a freed page table.
          </span>
        ) : (
          <span>In no gap is an access damage.</span>
        )}
      </p>
      <p>
        <Reach strip={strip} what="accesses" name="They" />
        <Reach strip={strip} what="walks" name="Walks that read a freed page table" />{' '}
        {weighing === 'runs'
          ? 'Over all complete runs, each counted once: the model knows no time, so this is not how often real hardware fails.'
          : 'Runs cannot be counted here, since some can go round in a circle without end: every move that can be made is taken to be as likely as the others.'}
      </p>
    </div>
  )
}

interface ReachProps {
  readonly strip: DangerStrip
  readonly what: 'accesses' | 'walks'
  readonly name: string
}

function Reach({ strip, what, name }: ReachProps) {
  const reach = reachOf(strip, what)
  if (reach === null) return null
  const { from, until } = reach
  if (from === null && until === null) return <>{name} can fall anywhere. </>
  return (
    <>
      {name} fall {until === null ? 'after' : 'between'} {from === null ? 'the start' : <Named op={from} />}
      {until !== null && (
        <>
          {' '}
          and <Named op={until} />
        </>
      )}
      .{' '}
    </>
  )
}

/** An operation as the kernel calls it, and what it does: marks of the strip are too short to stand alone. */
const Named = ({ op }: { readonly op: UnmapOp }) => (
  <>
    <code>{op.fn}</code> ({op.sentence.replace(/\.$/, '')})
  </>
)

interface StripProps {
  readonly strip: DangerStrip
  readonly hrefOf: Props['hrefOf']
}

function Strip({ strip, hrefOf }: StripProps) {
  const stretches = stretchesOf(strip)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so it must be reachable by keyboard
    <section className="danger-scroll" tabIndex={0} aria-label={`Gaps between the operations of ${strip.cpu}`}>
      <div className="danger-heads" aria-hidden="true">
        <span className="danger-head-access">
          device accesses, <strong>of them damage</strong>
        </span>
        <span className="danger-head-walk">
          walks, <strong>of them in a freed table</strong>
        </span>
      </div>
      <ol className="danger-strip">
        {stretches.map((stretch, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: stretches of one strip, in order; a phase may come twice
          <StretchOf key={i} stretch={stretch} hrefOf={hrefOf} />
        ))}
      </ol>
    </section>
  )
}

function StretchOf({ stretch, hrefOf }: { readonly stretch: Stretch; readonly hrefOf: Props['hrefOf'] }) {
  const { title, kind, gaps } = stretch
  if (gaps.length === 0)
    return (
      <li className={`danger-stretch danger-hole hole-${kind}`}>
        <p className="danger-phase">
          <Breakable text={title} />
          {kind === 'empty' && <span className="danger-hole-word">: empty function</span>}
        </p>
      </li>
    )
  return (
    <li className={`danger-stretch stretch-${kind}`} style={{ flexGrow: gaps.length }}>
      <p className="danger-phase">
        <Breakable text={title} />
      </p>
      <ol className="danger-gaps">
        {gaps.map(g => (
          <GapOf key={g.number} {...g} hrefOf={hrefOf} />
        ))}
      </ol>
    </li>
  )
}

function GapOf({ gap, hrefOf }: NumberedGap & { readonly hrefOf: Props['hrefOf'] }) {
  const { after, amber, accesses, walks } = gap
  return (
    <li className={`danger-gap${amber ? ' is-amber' : ''}`}>
      <span
        className="danger-op"
        title={after === null ? 'before the first operation' : `${after.sentence} (${after.fn})`}
      >
        {after === null ? <span className="unseen">before the first operation</span> : <Breakable text={after.mark} />}
      </span>
      <Cell tally={accesses} what="access" after={after} hrefOf={hrefOf} />
      <Cell tally={walks} what="walk" after={after} hrefOf={hrefOf} />
      <span className="danger-amber">{amber && <span className="unseen">unmapped, not yet freed</span>}</span>
    </li>
  )
}

const WORDS = {
  access: { none: 'no access can happen here', harm: 'of the accesses here are damage' },
  walk: { none: 'no walk can read here', harm: 'of the walk reads here hit a freed page table' },
} as const

interface CellProps {
  readonly tally: Tally
  readonly what: 'access' | 'walk'
  readonly after: UnmapOp | null
  readonly hrefOf: Props['hrefOf']
}

function Cell({ tally: { harm, run }, what, after, hrefOf }: CellProps) {
  const words = WORDS[what]
  if (harm === null)
    return (
      <span className={`danger-cell cell-${what} is-empty`} title={words.none}>
        <span aria-hidden="true">–</span>
        <span className="unseen">{words.none}</span>
      </span>
    )
  const text = shortPercentOf(harm)
  const said = `${text}% ${words.harm}`
  const inside = (
    <>
      <span className="danger-level" style={{ '--level': `${100 * harm}%` } as CSSProperties} aria-hidden="true" />
      <span className="danger-number" aria-hidden="true">
        <Mark kind={harm > 0 ? 'damage' : 'done'} />
        {text}
        <span className="danger-unit">%</span>
      </span>
    </>
  )
  if (run === null)
    return (
      <span className={`danger-cell cell-${what} is-fine`}>
        {inside}
        <span className="unseen">{said}</span>
      </span>
    )
  const where = after === null ? 'before the first operation' : `after ${after.mark}`
  return (
    <a
      className={`danger-cell cell-${what} is-harm`}
      href={hrefOf(run.schedule)}
      title={`Watch a shortest run with damage here, ${run.steps} steps`}
    >
      {inside}
      <span className="unseen">{`${said}, ${where}. Watch a shortest run, ${run.steps} steps`}</span>
    </a>
  )
}

function Key() {
  return (
    <ul className="danger-key" aria-label="What the cells mean">
      <li>
        <span className="danger-sample is-harm" aria-hidden="true" /> damage; a link to a shortest run
      </li>
      <li>
        <span className="danger-sample is-fine" aria-hidden="true" /> happens, never damage
      </li>
      <li>
        <span className="danger-sample is-empty" aria-hidden="true" /> cannot happen here
      </li>
      <li>
        <span className="danger-sample is-amber" aria-hidden="true" /> unmapped, not yet freed
      </li>
    </ul>
  )
}
