import { memo, useMemo, useRef } from 'react'
import type { SimEvent } from '../../core/machine/event.ts'
import type { WorldView } from '../../core/view/world.ts'
import { motionsOfStep } from '../shared/motion.ts'
import type { Selection } from '../shared/selection.ts'
import '../shared/shared.css'
import { useSize } from '../shared/use-size.ts'
import { pageNames } from '../shared/words.ts'
import { AddressSpace } from './AddressSpace.tsx'
import { CpuCard } from './CpuCard.tsx'
import { DeviceCard } from './DeviceCard.tsx'
import { Frames } from './Frames.tsx'
import { packingClasses, packingFor } from './fit.ts'
import { Gather } from './Gather.tsx'
import { IommuCard } from './IommuCard.tsx'
import { Legend } from './Legend.tsx'
import { Paths } from './Paths.tsx'
import { PickingContext } from './picking.ts'
import './stage.css'
import './cards.css'
import './memory.css'
import './paths.css'
import './fit.css'
import { TablesPicture } from './TablesPicture.tsx'

export interface StageProps {
  readonly world: WorldView
  /** The state one step earlier: what changed is lit, what was dropped is shown as dropped. */
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
  const centre = useRef<HTMLDivElement>(null)
  const { width } = useSize(centre, { width: 456, height: 0 })
  const size = useSize(frame, { width: 1042, height: 560 })
  const packing = packingFor(world, size.width, size.height)
  const picture = useSize(root, { width: 0, height: 0 })
  const motions = useMemo(() => motionsOfStep(events), [events])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value whenever one of these moves something
  const moved = useMemo(() => ({}), [world, width, size, picture])
  const picking = useMemo(() => ({ selected, onSelect }), [selected, onSelect])
  return (
    <section
      ref={frame}
      className={`stage${packingClasses(packing)}${selected === null ? '' : ' stage-picking'}`}
      aria-label="Stage: the machine after this step"
    >
      <div className="stage-body" ref={root}>
        <PickingContext value={picking}>
          <Left world={world} before={before} events={events} actor={actor} />
          <div className="stage-centre" ref={centre}>
            <Centre world={world} before={before} width={width} low={packing.low} />
          </div>
          <Right world={world} before={before} events={events} actor={actor} />
        </PickingContext>
        <Legend />
        <Paths root={root} motions={motions} progress={progress} reducedMotion={reducedMotion} moved={moved} />
      </div>
    </section>
  )
}

type SideProps = Pick<StageProps, 'world' | 'before' | 'events' | 'actor'>

// Memoised: while motions run, only the paths are drawn again.
const Left = memo(function Left({ world, before, events, actor }: SideProps) {
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

interface CentreProps extends Pick<StageProps, 'world' | 'before'> {
  readonly width: number
  readonly low: boolean
}

const Centre = memo(function Centre({ world, before, width, low }: CentreProps) {
  return (
    <>
      <section data-place="mm">
        <h3 className="panel-title">
          {world.mm.name} · page table
          <span className="title-note">{world.mm.mmapLock === '' ? '' : `mmap lock ${world.mm.mmapLock}`}</span>
        </h3>
        <TablesPicture mm={world.mm} before={before?.mm ?? null} width={width} low={low} />
      </section>
      <AddressSpace mm={world.mm} />
      {world.gathers.map(gather => (
        <Gather key={gather.task} gather={gather} pages={world.mm.pages.length} />
      ))}
      <Frames frames={world.frames} before={before?.frames ?? []} width={width} />
    </>
  )
})

const Right = memo(function Right({ world, before, events, actor }: SideProps) {
  const nameOf = useMemo(() => pageNames(world), [world])
  return (
    <div className="stage-side stage-devices">
      <h3 className="panel-title">IOMMU and devices</h3>
      <IommuCard
        iommu={world.iommu}
        before={before?.iommu ?? null}
        events={events}
        acting={actor === 'IOMMU'}
        nameOf={nameOf}
      />
      {world.devices.map(device => (
        <DeviceCard key={device.index} device={device} events={events} acting={actor === device.name} />
      ))}
    </div>
  )
})
