import type { SimEvent } from '../../core/machine/event.ts'
import { hexAddr, pagesIn } from '../../core/units.ts'
import type { InvalidationView, IommuView, PasidView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import type { PageName } from '../shared/words.ts'
import { Banner } from './Banner.tsx'
import { TlbSlots, WalkSlots } from './CacheSlots.tsx'
import { Cell } from './Cell.tsx'
import { useChange } from './changes.ts'
import { harmBy } from './harm.ts'
import { PageRequests } from './PageRequests.tsx'

interface Props {
  readonly iommu: IommuView
  readonly before: IommuView | null
  readonly events: readonly SimEvent[]
  readonly acting: boolean
  readonly nameOf: PageName
}

const roots = { real: 'page table of the process', empty: 'empty page table', none: 'none' }

/** The IOMMU: where its walks begin, what it has cached, which commands wait. */
export function IommuCard({ iommu, before, events, acting, nameOf }: Props) {
  const harm = harmBy(
    events.filter(e => e.type === 'walked-after-free'),
    { kind: 'iommu' },
  )
  return (
    <article className={`card${acting ? ' card-acting' : ''}${harm ? ' card-harm' : ''}`} data-place="iommu">
      <header className="card-head">
        <h3>IOMMU</h3>
        <span className="card-note">
          driver: {iommu.driver}
          {iommu.dialect === undefined ? '' : `, ${iommu.dialect}`}
        </span>
      </header>
      {(iommu.pasids ?? [null]).map(pasid => (
        <Root key={pasid?.mm ?? 'app'} root={pasid ?? iommu} pasid={pasid} />
      ))}
      {iommu.iotlbCapacity > 0 && (
        <TlbSlots
          title="IOTLB"
          place="iotlb"
          entries={iommu.iotlb}
          before={before?.iotlb ?? []}
          capacity={iommu.iotlbCapacity}
        />
      )}
      {iommu.walkCacheCapacity > 0 && (
        <WalkSlots
          title="Walk cache"
          place="pwc"
          entries={iommu.walkCache}
          before={before?.walkCache ?? []}
          capacity={iommu.walkCacheCapacity}
        />
      )}
      <Queue queue={iommu.queue} capacity={iommu.queueCapacity} nameOf={nameOf} written={iommu.dialect !== undefined} />
      {iommu.pageRequests !== undefined && <PageRequests requests={iommu.pageRequests} />}
      {harm !== null && <Banner harm={harm} />}
    </article>
  )
}

/** Where walks for an address space begin. Places have names of their own from the second on. */
function Root({ root, pasid }: { root: Pick<IommuView, 'root' | 'rootPfn'>; pasid: PasidView | null }) {
  const title = pasid === null ? 'PASID root' : `PASID ${pasid.pasid}, ${pasid.mm}`
  const place = pasid === null || pasid.mm === 'app' ? 'root' : `root-${pasid.mm}`
  const told = pasid === null ? '' : `, ${pasid.state}`
  const none = pasid === null || pasid.state === 'bound' ? 'none' : pasid.state
  return (
    <Cells label="Root of the walk" className="card-root" place={place}>
      <span>{title}</span>
      <Cell
        use={root.root === 'real' ? 'table' : 'none'}
        className="slot mono"
        place={`${place}-cell`}
        pfn={root.rootPfn}
        label={`${title}: ${roots[root.root]}${root.rootPfn === null ? '' : ` in frame ${root.rootPfn}`}${told}`}
      >
        <span className="slot-label">
          {root.root === 'real' ? 'PGD' : root.root === 'empty' ? 'empty table' : none}
        </span>
        {root.rootPfn !== null && <b>pfn {root.rootPfn}</b>}
      </Cell>
    </Cells>
  )
}

function Queue({
  queue,
  capacity,
  nameOf,
  written,
}: {
  queue: readonly InvalidationView[]
  capacity: number
  nameOf: PageName
  written: boolean
}) {
  const places = Array.from({ length: Math.max(capacity, queue.length) }, (_, i) => queue[i] ?? null)
  return (
    <section className="slots" data-place="queue">
      <h4 className="slots-title">
        Invalidation queue
        <span className="slots-count">{queue.length === 0 ? 'empty' : `${queue.length} waiting`}</span>
      </h4>
      <ol className={written ? 'queue queue-written' : 'queue'}>
        {places.map((item, i) => {
          const key = `place ${i}`
          return item === null ? (
            <li key={key} className="slot slot-empty" />
          ) : (
            <Command key={key} item={item} place={`queue:${i}`} nameOf={nameOf} />
          )
        })}
      </ol>
    </section>
  )
}

function Command({ item, place, nameOf }: { item: InvalidationView; place: string; nameOf: PageName }) {
  const change = useChange(place)
  if (item.command !== undefined) {
    return (
      <>
        <li className={`slot cell use-invalidated mono queue-command${change.className}`}>
          <b>{item.command.name}</b>
          <span>
            {queueText(item, nameOf)} {item.command.fields}
          </span>
        </li>
        {item.wait !== undefined && <li className="slot cell use-none mono">{item.wait}</li>}
      </>
    )
  }
  return (
    <li className={`slot cell use-invalidated mono${change.className}`}>
      <span className="slot-label">{queueText(item, nameOf)}</span>
      {item.device !== '' && <span>ATC of {item.device}</span>}
      {item.leafOnly && <span>leaf</span>}
    </li>
  )
}

/** `buf[0] +3`: first page of the range, and how many more. */
export function queueText(item: InvalidationView, nameOf: PageName = hexAddr): string {
  if (item.range === 'all') return 'everything'
  const more = pagesIn(item.range) - 1
  return more > 0 ? `${nameOf(item.range.start)} +${more}` : nameOf(item.range.start)
}
