import type { PageRequestsView, PageRequestView } from '../../core/view/world.ts'
import { useChange } from './changes.ts'

/** The page request queue, and below it what has been taken out and is not answered yet. */
export function PageRequests({ requests }: { readonly requests: PageRequestsView }) {
  const { queue, capacity, overflow } = requests
  const places = Array.from({ length: capacity }, (_, i) => queue[i] ?? null)
  return (
    <section className="slots" data-place="page-requests">
      <h4 className="slots-title">
        Page requests
        <span className="slots-count">
          {overflow ? 'overflow: none is let in' : queue.length === 0 ? 'empty' : `${queue.length} waiting`}
        </span>
      </h4>
      <ol className="queue queue-wide">
        {places.map((item, i) => {
          const key = `place ${i}`
          return item === null ? <li key={key} className="slot slot-empty" /> : <Request key={key} item={item} at={i} />
        })}
      </ol>
      <p className="requests-taken">{takenText(requests)}</p>
    </section>
  )
}

function Request({ item, at }: { readonly item: PageRequestView; readonly at: number }) {
  const change = useChange(`page-request:${at}`)
  return (
    <li className={`slot cell mono${change.className}`}>
      <span className="slot-label">{item.label}</span>
      <span>
        {item.pasid !== undefined && <span className="roomy">PASID {item.pasid}, </span>}
        group {item.group}
        {item.last && ', last'}
      </span>
    </li>
  )
}

/** `For the Last of their group: buf[0]. Being handled: buf[1], buf[2].` */
export function takenText({ partial, groups, mayNotAsk }: PageRequestsView): string {
  const kept = partial.map(r => r.label).join(', ')
  const handled = groups.map(g => g.pages.join(', ')).join('; ')
  const parts = [
    ...(kept === '' ? [] : [`Until the Last of the group comes: ${kept}.`]),
    ...(handled === '' ? [] : [`Handed to the worker: ${handled}.`]),
    ...(mayNotAsk.length === 0 ? [] : [`May not ask: ${mayNotAsk.join(', ')}.`]),
  ]
  return parts.length === 0 ? 'Nothing taken out is unanswered.' : parts.join(' ')
}
