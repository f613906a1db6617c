import type { SimEvent } from '../../core/machine/event.ts'
import type { ConsumerEntryView, ConsumerView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { entryWords } from '../shared/words.ts'
import { Banner } from './Banner.tsx'
import { EntryState } from './CacheSlots.tsx'
import { Cell } from './Cell.tsx'
import './consumers.css'
import { useChange } from './changes.ts'
import { harmBy } from './harm.ts'

interface Props {
  readonly consumer: ConsumerView
  readonly events: readonly SimEvent[]
  /** Name of the actor that made the step. */
  readonly actor: string | undefined
}

/** A subscriber with translations of its own: its counts, its entries, and how far those are who run its code. */
export function ConsumerCard({ consumer, events, actor }: Props) {
  const { index, name, kind, what, facts, lists, threads } = consumer
  const harm = harmBy(events, { kind: 'consumer', index })
  const acting = threads.some(thread => thread.name === actor)
  return (
    <article
      className={`card card-consumer${acting ? ' card-acting' : ''}${harm ? ' card-harm' : ''}`}
      data-place={`consumer:${index}`}
    >
      <header className="card-head">
        <h3>{name}</h3>
        <span className="card-note" title={what}>
          {kind}: {what}
        </span>
      </header>
      <dl className="consumer-facts">
        {facts.map(fact => (
          <Fact key={fact.name} place={`consumer:${index}:${fact.name}`} {...fact} />
        ))}
      </dl>
      {lists.map(list => (
        <section key={list.title} className="slots">
          <h4 className="slots-title">
            {list.title}
            <span className="slots-count">
              {list.entries.filter(e => e.entry !== null).length} of {list.entries.length}
            </span>
          </h4>
          <Cells label={`${list.title} of ${name}`} className="slots-list">
            {list.entries.map(entry => (
              <Slot
                key={`${entry.tag} ${entry.vpn}`}
                slot={entry}
                title={`${list.title} of ${name}`}
                place={`consumer:${index}:${list.title}:${entry.tag}`}
              />
            ))}
          </Cells>
        </section>
      ))}
      <ul className="consumer-threads">
        {threads.map(thread => (
          <Thread key={thread.name} thread={thread} acting={thread.name === actor} />
        ))}
      </ul>
      {harm !== null && <Banner harm={harm} />}
    </article>
  )
}

function Fact({ name, short, value, busy, place }: ConsumerView['facts'][number] & { readonly place: string }) {
  const change = useChange(place)
  return (
    <div className={`consumer-fact${busy ? ' consumer-busy' : ''}${change.className}`} data-place={place}>
      <dt className="mono" title={name}>
        {short}
      </dt>
      <dd>
        {value}
        <span className="unseen">{change.words}</span>
      </dd>
    </div>
  )
}

/** A place for one entry: always there, so that nothing moves when the entry comes or goes. */
function Slot({
  slot,
  title,
  place,
}: {
  readonly slot: ConsumerEntryView
  readonly title: string
  readonly place: string
}) {
  const change = useChange(place)
  const { tag, label, entry, vpn } = slot
  if (entry === null)
    return (
      <div className={`slot slot-empty mono${change.className}`} data-place={place}>
        <span className="slot-label">{tag}</span>
        <span>none</span>
      </div>
    )
  const access = entry.writable ? 'rw' : 'r'
  return (
    <Cell
      use={entry.state}
      className="slot mono"
      place={place}
      pfn={entry.pfn}
      vpn={vpn}
      label={`${title}: ${tag === label ? tag : `${tag}, ${label}`}, leads to frame ${entry.pfn}, ${entry.writable ? 'writable' : 'read-only'}, ${entryWords[entry.state]}`}
    >
      <span className="slot-main">
        <span className="slot-label">
          {tag} {tag !== label && <span className="consumer-page">{label}</span>}
        </span>
        <EntryState state={entry.state} />
        <b>
          {entry.state === 'live' && tag === label && <span className="roomy">pfn </span>}
          {entry.pfn}
        </b>
      </span>
      {entry.state === 'live' && <span className="slot-access">{access}</span>}
    </Cell>
  )
}

/** Who runs its code, and at which step of how many. */
function Thread({ thread, acting }: { readonly thread: ConsumerView['threads'][number]; readonly acting: boolean }) {
  const { steps } = thread
  const now = steps.findIndex(step => step.state === 'current')
  const notes = steps.flatMap(step => (step.note === '' ? [] : [step.note])).join(', ')
  return (
    <li className={`consumer-thread${acting ? ' consumer-acting' : ''}`} data-place={`thread:${thread.name}`}>
      <span className="consumer-doing">
        <b>{thread.name}</b>
        <span className="mono">{thread.doing}</span>
      </span>
      <span className="consumer-step">
        <span className="consumer-dots" aria-hidden="true">
          {steps.map(step => (
            <i key={step.text} className={`dot-${step.state}`} />
          ))}
        </span>
        <span className="consumer-at">
          {now < 0 ? '' : `${now + 1} of ${steps.length}: ${steps[now]?.text}${notes === '' ? '' : ` (${notes})`}`}
        </span>
      </span>
    </li>
  )
}
