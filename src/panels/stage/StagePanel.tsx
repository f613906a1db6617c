import { type CSSProperties, memo, useMemo, useRef } from 'react'
import type { SimEvent } from '../../core/machine/event.ts'
import type { WorldView } from '../../core/view/world.ts'
import { motionsOfStep } from '../shared/motion.ts'
import type { Selection } from '../shared/selection.ts'
import '../shared/shared.css'
import { useSize } from '../shared/use-size.ts'
import { pageNames } from '../shared/words.ts'
import { AddressSpace } from './AddressSpace.tsx'
import { ConsumerCard } from './ConsumerCard.tsx'
import { CpuCard } from './CpuCard.tsx'
import { ChangesContext, changesOf } from './changes.ts'
import { DeviceCard } from './DeviceCard.tsx'
import { Frames } from './Frames.tsx'
import { type Capacity, capacityOf, type Fit, fitStage, showsIommu } from './fit.ts'
import { fitClasses, fitVariables } from './fit-style.ts'
import { Gather } from './Gather.tsx'
import { IommuCard } from './IommuCard.tsx'
import { Legend } from './Legend.tsx'
import { Paths } from './Paths.tsx'
import { PickingContext } from './picking.ts'
import './stage.css'
import './cards.css'
import './memory.css'
import './paths.css'
import './marks.css'
import { TablesPicture } from './TablesPicture.tsx'

export interface StageProps {
  readonly world: WorldView
  /** The state one step earlier: what changed is marked, what was dropped is shown as dropped. */
  readonly before: WorldView | null
  /** What happened in the step that led here. */
  readonly events: readonly SimEvent[]
  /** How far the step's motions have got on the caller's clock: 0 to 1. */
  readonly progress: number
  readonly reducedMotion: boolean
  readonly selected: Selection | null
  onSelect(selection: Selection | null): void
  /** Name of the actor that made the step; its card is lit. */
  readonly actor?: string | undefined
}

/** The machine: CPUs, the page table and memory, the IOMMU and its devices, and the accesses across them. */
export function StagePanel({ world, before, events, progress, reducedMotion, selected, onSelect, actor }: StageProps) {
  const frame = useRef<HTMLElement>(null)
  const root = useRef<HTMLDivElement>(null)
  const size = useSize(frame, { width: 1042, height: 560 })
  const capacity = useCapacity(world)
  const fit = useMemo(() => fitStage(capacity, size.width, size.height, size.rem), [capacity, size])
  const picture = useSize(root, { width: 0, height: 0 })
  const motions = useMemo(() => motionsOfStep(events), [events])
  const changes = useMemo(() => changesOf(before, world), [before, world])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value whenever one of these moves something
  const moved = useMemo(() => ({}), [world, fit, picture])
  const picking = useMemo(() => ({ selected, onSelect }), [selected, onSelect])
  const parts = { world, before, events, actor, fit }
  return (
    <section
      ref={frame}
      className={`stage${fitClasses(fit)}${selected === null ? '' : ' stage-picking'}`}
      style={fitVariables(fit) as CSSProperties}
      aria-label="Stage: the machine after this step"
    >
      <div className="stage-body" ref={root}>
        <PickingContext value={picking}>
          <ChangesContext value={changes}>
            <Left {...parts} />
            <Centre {...parts} />
            <Right {...parts} />
          </ChangesContext>
        </PickingContext>
        <Legend />
        <Paths
          root={root}
          motions={motions}
          progress={progress}
          reducedMotion={reducedMotion}
          row={fit.side.row}
          moved={moved}
        />
      </div>
    </section>
  )
}

/** The same object as long as the machine can hold the same. */
function useCapacity(world: WorldView): Capacity {
  const key = useMemo(() => JSON.stringify(capacityOf(world)), [world])
  return useMemo(() => JSON.parse(key) as Capacity, [key])
}

interface PartProps extends Pick<StageProps, 'world' | 'before' | 'events' | 'actor'> {
  readonly fit: Fit
}

// Memoised: while motions run, only the paths are drawn again.
const Left = memo(function Left({ world, before, events, actor }: PartProps) {
  return (
    <div className="stage-side stage-cpus">
      <h3 className="panel-title">CPUs</h3>
      {world.cpus.map((cpu, i) => (
        <CpuCard
          key={cpu.index}
          cpu={cpu}
          before={before?.cpus[i] ?? null}
          events={events}
          acting={actor === cpu.name}
        />
      ))}
    </div>
  )
})

const Centre = memo(function Centre({ world, events, fit }: PartProps) {
  return (
    <div className="stage-centre">
      <section data-place="mm">
        <h3 className="panel-title">
          <span className="title-wraps">
            <span className="title-name">{world.mm.name}</span> <span>· page table</span>
          </span>
          <span className="title-note">
            {(world.mm.flushesPutOff ?? 0) > 0 && <span className="tag tag-owed">flush put off</span>}{' '}
            {world.mm.mmapLock === '' ? '' : `mmap lock: ${world.mm.mmapLock}`}
          </span>
        </h3>
        <TablesPicture mm={world.mm} layout={fit.tree} type={fit.centre} />
      </section>
      <AddressSpace mm={world.mm} />
      <div className="gathers">
        {world.gathers.map(gather => (
          <Gather
            key={gather.task}
            gather={gather}
            pages={world.mm.pages.length}
            narrow={fit.stacked || fit.gathersAcross > 1}
          />
        ))}
      </div>
      <Frames frames={world.frames} grid={fit.grid} events={events} />
    </div>
  )
})

const Right = memo(function Right({ world, before, events, actor }: PartProps) {
  const nameOf = useMemo(() => pageNames(world), [world])
  return (
    <div className="stage-side stage-devices">
      <h3 className="panel-title">{rightTitle(world)}</h3>
      {showsIommu(world.devices.length, world.consumers.length) && (
        <IommuCard
          iommu={world.iommu}
          before={before?.iommu ?? null}
          events={events}
          acting={actor === 'IOMMU'}
          nameOf={nameOf}
        />
      )}
      {world.devices.map(device => (
        <DeviceCard
          key={device.index}
          device={device}
          before={before?.devices[device.index] ?? null}
          events={events}
          acting={actor === device.name}
        />
      ))}
      {world.consumers.map(consumer => (
        <ConsumerCard key={consumer.index} consumer={consumer} events={events} actor={actor} />
      ))}
    </div>
  )
})

function rightTitle({ devices, consumers }: WorldView): string {
  const kinds = [...new Set(consumers.map(c => c.kind))].join(' and ')
  if (kinds === '') return 'IOMMU and devices'
  return devices.length === 0 ? kinds : `IOMMU, devices and ${kinds}`
}
