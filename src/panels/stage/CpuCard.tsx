import type { SimEvent } from '../../core/machine/event.ts'
import type { CpuView, WalkView } from '../../core/view/world.ts'
import { Banner } from './Banner.tsx'
import { TlbSlots, WalkSlots } from './CacheSlots.tsx'
import { harmBy } from './harm.ts'

interface Props {
  readonly cpu: CpuView
  readonly before: CpuView | null
  readonly events: readonly SimEvent[]
  /** It made the step that led here. */
  readonly acting: boolean
}

/** One CPU: what it runs, what its TLB and walk cache hold, who waits for it to flush. */
export function CpuCard({ cpu, before, events, acting }: Props) {
  const harm = harmBy(events, { kind: 'cpu', index: cpu.index })
  const tlb = `cpu:${cpu.index}:tlb`
  const work = [cpu.task, cpu.running].filter(Boolean).join(' · ') || 'answers interrupts'
  return (
    <article
      className={`card${acting ? ' card-acting' : ''}${harm ? ' card-harm' : ''}`}
      data-place={`cpu:${cpu.index}`}
    >
      <header className="card-head">
        <h3>{cpu.name}</h3>
        <span className="card-note" title={work}>
          {work}
        </span>
      </header>
      <p className="card-doing mono">
        <span className="card-function" title={doing(cpu)}>
          {doing(cpu)}
        </span>
        {cpu.lazy && <span className="tag">lazy TLB</span>}
        {cpu.loaded !== undefined && <span className="tag">{cpu.loaded}</span>}
        {cpu.owesFlush !== undefined && <span className="tag tag-owed">owes a flush</span>}
        {cpu.irqsOff === true && <span className="tag">interrupts off</span>}
        {cpu.gup !== undefined && cpu.gup.held !== null && <span className="tag">holds pfn {cpu.gup.held}</span>}
        {cpu.flushFrom.length > 0 && (
          <span className="tag tag-flush">flush for {cpu.flushFrom.map(i => `CPU ${i}`).join(', ')}</span>
        )}
      </p>
      {cpu.tlbGen !== undefined && (
        <p className="card-doing mono">
          <span className="tag">
            tlb_gen {cpu.tlbGen.local} of {cpu.tlbGen.mm}
          </span>
        </p>
      )}
      {cpu.tlbCapacity > 0 && (
        <TlbSlots title="TLB" place={tlb} entries={cpu.tlb} before={before?.tlb ?? []} capacity={cpu.tlbCapacity} />
      )}
      {cpu.walkCacheCapacity > 0 && (
        <WalkSlots
          title="Walk cache"
          place={`cpu:${cpu.index}:pwc`}
          entries={cpu.walkCache}
          before={before?.walkCache ?? []}
          capacity={cpu.walkCacheCapacity}
        />
      )}
      {harm !== null && <Banner harm={harm} />}
    </article>
  )
}

/** What it is about to do: a walk of its hardware, one in software, or the next function. */
function doing(cpu: CpuView): string {
  if (cpu.walk !== null) return walkLine(cpu.walk)
  if (cpu.gup !== undefined && cpu.gup.walk !== null) return `GUP-fast ${walkLine(cpu.gup.walk)}`
  return cpu.finished ? 'finished' : cpu.doing || 'idle'
}

/** `walks buf[0]: PMD in pfn 4 next` */
export const walkLine = (walk: WalkView): string => `walks ${walk.label}: ${walk.level} in pfn ${walk.table} next`
