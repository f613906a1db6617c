import type { PageRequestsView, PageRequestView } from '../../core/view/world.ts'
import { useChange } from './changes.ts'

/** The page request queue, and below it what has been taken out and is not answered yet. */
export function PageRequests({ requests }: { readonly requests: PageRequestsView }) {
  const { queue, capacity } = requests
  const several = pasidsOf(queue).length > 1
  const places = Array.from({ length: capacity }, (_, i) => queue[i] ?? null)
  return (
    <section className="slots" data-place="page-requests">
      <h4 className="slots-title">
        Page requests
        <span className="slots-count">{countText(requests)}</span>
      </h4>
      <ol className="queue queue-wide">
        {places.map((item, i) => {
          const key = `place ${i}`
          return item === null ? (
            <li key={key} className="slot slot-empty" />
          ) : (
            <Request key={key} item={item} at={i} tagged={several} />
          )
        })}
      </ol>
      <p className="requests-taken">{takenText(requests)}</p>
    </section>
  )
}

/** `tagged`: the PASID is said here, since those that wait are of several. */
function Request({
  item,
  at,
  tagged,
}: {
  readonly item: PageRequestView
  readonly at: number
  readonly tagged: boolean
}) {
  const change = useChange(`page-request:${at}`)
  return (
    <li className={`slot cell mono${change.className}`}>
      <span className="slot-label">{tagged ? `${item.pasid}:${item.label}` : item.label}</span>
      <span>
        group {item.group}
        {item.last && ', last'}
      </span>
    </li>
  )
}

const pasidsOf = (queue: readonly PageRequestView[]): number[] => [
  ...new Set(queue.flatMap(r => (r.pasid === undefined ? [] : [r.pasid]))),
]

/** `2 of PASID 1`. After an overflow none is let in until it is cleared. */
function countText({ queue, overflow }: PageRequestsView): string {
  if (overflow) return 'overflow'
  if (queue.length === 0) return 'empty'
  const pasids = pasidsOf(queue)
  return `${queue.length} ${pasids.length === 1 ? `of PASID ${pasids[0]}` : 'waiting'}`
}

/** `Until the Last of the group comes: buf[0]. Handed to the worker: buf[1], buf[2].` */
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
