import type { SimEvent } from '../../core/machine/event.ts'
import type { DeviceView } from '../../core/view/world.ts'
import { keyed } from '../shared/keyed.ts'
import { shownAccess } from './access.ts'
import { Banner } from './Banner.tsx'
import { TlbSlots } from './CacheSlots.tsx'
import { harmOfDevice } from './harm.ts'

interface Props {
  readonly device: DeviceView
  readonly before: DeviceView | null
  readonly events: readonly SimEvent[]
  readonly acting: boolean
}

/** A device: its script, and the access under way as numbered steps. */
export function DeviceCard({ device, before, events, acting }: Props) {
  const harm = harmOfDevice(events, device.index)
  const { script, steps } = shownAccess(device, before, events)
  return (
    <article
      className={`card card-device${acting ? ' card-acting' : ''}${harm ? ' card-harm' : ''}`}
      data-place={`device:${device.index}`}
    >
      <header className="card-head">
        <h3>{device.name}</h3>
        <span className="card-note">{device.phase}</span>
      </header>
      <Script script={script} />
      {device.atc !== null && (
        <TlbSlots
          title={device.atc.request === null ? 'ATC' : 'ATC, to be invalidated'}
          place={`atc:${device.index}`}
          entries={device.atc.entries}
          before={before?.atc?.entries ?? []}
          capacity={device.atc.capacity}
        />
      )}
      <ol className="steps">
        {keyed(steps, step => step.text).map(([key, step]) => (
          <li key={key} className={`step-${step.state}`}>
            <span>{step.text}</span>
            <b>{step.note}</b>
          </li>
        ))}
      </ol>
      <div className="banner-place">{harm !== null && <Banner harm={harm} />}</div>
    </article>
  )
}

/** Where the device is in its script: one line, whatever the length of the script. */
function Script({ script }: { readonly script: DeviceView['script'] }) {
  const now = script.findIndex(item => item.state === 'current')
  const next = script[now + 1]
  const done = script.every(item => item.state === 'done')
  return (
    <p className="script mono" title={script.map(item => `${item.text}: ${item.state}`).join('\n')}>
      <span className="script-at">
        {now < 0 ? (done ? script.length : 0) : now + 1}/{script.length}
      </span>
      <b>{now < 0 ? (done ? 'script done' : 'not begun') : script[now]?.text}</b>
      {now >= 0 && next !== undefined && (
        <span className="script-next">
          <span aria-hidden="true">→</span>
          <span className="unseen">then</span> {next.text}
        </span>
      )}
    </p>
  )
}
