import { memo, type ReactNode, useEffect, useMemo, useSyncExternalStore } from 'react'
import { RibbonPanel } from '../panels/ribbon/RibbonPanel.tsx'
import { pageNames } from '../panels/shared/words.ts'
import { CostPanel } from '../panels/side/CostPanel.tsx'
import { RulesPanel } from '../panels/side/RulesPanel.tsx'
import { StatePanel } from '../panels/side/StatePanel.tsx'
import { StepPanel } from '../panels/side/StepPanel.tsx'
import { TranscriptPanel } from '../panels/side/TranscriptPanel.tsx'
import { StagePanel } from '../panels/stage/StagePanel.tsx'
import { TimelinePanel } from '../panels/timeline/TimelinePanel.tsx'
import { TransportPanel } from '../panels/transport/TransportPanel.tsx'
import type { LabState } from '../store/lab-store.ts'
import { canGoOn, phasesDone, stepOfPhase } from '../store/selectors.ts'
import { SPEEDS, type Speed, type Tab } from '../store/view.ts'
import { clockProgress } from './film-clock.ts'
import { useHandles, useLab } from './lab-context.ts'
import { runCommand, runOn } from './run-command.ts'
import { StepActions } from './StepActions.tsx'
import { type TabEntry, Tabs } from './Tabs.tsx'
import { useMedia, useReducedMotion } from './use-media.ts'

/*
 * Where every panel meets the state it shows, in reading order. To add one: a folder in panels/, and an entry here.
 * Each is drawn only while a run is open; `useRun` says so to the compiler.
 */

/** The phases of the operation, and where in them the run stands. */
export function Ribbon() {
  const { store } = useHandles()
  const { run, snapshot, film } = useRun()
  const { phases } = run.ribbon
  const reached = phasesDone(film, snapshot.at, phases)
  const jump = (phase: number) => {
    const step = stepOfPhase(store.getState().film, phase)
    if (step !== null) void store.getState().seek(step)
  }
  return (
    <RibbonPanel ribbon={run.ribbon} phase={snapshot.phase} doneUpTo={snapshot.phase ?? reached + 1} onJump={jump} />
  )
}

/** The machine. The only panel that is drawn for every frame of the film. */
export function Stage() {
  const { store, clock } = useHandles()
  const { snapshot } = useRun()
  const selected = useLab(s => s.selected)
  const reducedMotion = useReducedMotion()
  const progress = useSyncExternalStore(clock.subscribe, () => clockProgress(clock))
  return (
    <StagePanel
      world={snapshot.world}
      before={snapshot.before}
      events={snapshot.step?.events ?? NO_EVENTS}
      progress={progress}
      reducedMotion={reducedMotion}
      selected={selected}
      onSelect={store.getState().select}
      actor={snapshot.step?.actor.name}
    />
  )
}

/** Step, State, Rules, Cost and Transcript, one at a time. */
export const Side = memo(function Side() {
  const { store } = useHandles()
  const { snapshot } = useRun()
  const tab = useLab(s => s.tab)
  const broken = snapshot.world.rules.filter(r => r.verdict === 'violated').length
  const tabs: readonly TabEntry<Tab>[] = [
    { id: 'step', title: 'Step', render: () => <StepTab /> },
    { id: 'state', title: 'State', render: () => <StatePanel world={snapshot.world} before={snapshot.before} /> },
    {
      id: 'rules',
      title: 'Rules',
      ...(broken > 0 ? { note: { short: String(broken), long: 'broken' } } : {}),
      render: () => <RulesPanel rules={snapshot.world.rules} />,
    },
    { id: 'cost', title: 'Cost', render: () => <CostTab /> },
    { id: 'transcript', title: 'Transcript', render: () => <TranscriptTab /> },
  ]
  return <Tabs label="About this step" tabs={tabs} current={tab} onChoose={store.getState().setTab} />
})

function StepTab(): ReactNode {
  const { store } = useHandles()
  const { run, snapshot } = useRun()
  const nameOf = useMemo(() => pageNames(snapshot.world), [snapshot.world])
  return (
    <StepPanel
      step={snapshot.step}
      ending={snapshot.ending}
      rules={snapshot.world.rules}
      nameOf={nameOf}
      opening={run.scenario.purpose}
      onShowRules={() => store.getState().setTab('rules')}
    >
      <StepActions />
    </StepPanel>
  )
}

/** What the run costs is counted when somebody looks. */
function CostTab(): ReactNode {
  const { store } = useHandles()
  const { snapshot, film } = useRun()
  const counted = useLab(s => s.counted)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another film is another run to count
  useEffect(() => void store.getState().count(), [store, film])
  const cost = counted?.film === film ? counted.cost : null
  return <CostPanel cost={cost} at={snapshot.at} onSeek={at => void store.getState().seek(at)} />
}

function TranscriptTab(): ReactNode {
  const { store } = useHandles()
  const { snapshot, film } = useRun()
  return <TranscriptPanel film={film} at={snapshot.at} onSeek={at => void store.getState().seek(at)} />
}

/** Who did what when. */
export function Timeline() {
  const { store } = useHandles()
  const { run, snapshot, film } = useRun()
  const low = useMedia('(max-height: 800px)')
  return (
    <div className="lab-timeline">
      <TimelinePanel
        lanes={run.lanes}
        film={film}
        at={snapshot.at}
        length={snapshot.length}
        phases={run.ribbon.phases}
        low={low}
        onSeek={at => {
          store.getState().setPlaying(false)
          void store.getState().seek(at)
        }}
      />
    </div>
  )
}

/** Play, step, and who moves next. */
export function Transport() {
  const { store } = useHandles()
  const { snapshot } = useRun()
  const playing = useLab(s => s.playing)
  const speed = useLab(s => s.speed)
  const goOn = useLab(canGoOn)
  const presenting = useLab(s => s.presenting)
  return (
    <div className="lab-transport">
      <TransportPanel
        playing={playing}
        at={snapshot.at}
        length={snapshot.length}
        speed={speed}
        speeds={SPEEDS}
        moves={snapshot.moves}
        canGoOn={goOn}
        onFirst={() => runCommand(store, { do: 'home' })}
        onPrev={() => runCommand(store, { do: 'step', by: -1 })}
        onPlayPause={() => runCommand(store, { do: 'play' })}
        onNext={() => runCommand(store, { do: 'step', by: 1 })}
        onLast={() => runCommand(store, { do: 'end' })}
        onSpeed={next => store.getState().setSpeed(next as Speed)}
        onMove={choice => {
          store.getState().setPlaying(false)
          void store.getState().move(choice)
        }}
      />
      <button
        type="button"
        className="run-on"
        disabled={!goOn}
        title="Let whoever is ready move in turn, until nobody can"
        onClick={() => void runOn(store)}
      >
        Run on
      </button>
      {presenting ? (
        <button type="button" className="leave-present" onClick={() => store.getState().setPresenting(false)}>
          Leave Present <kbd>Esc</kbd>
        </button>
      ) : (
        <p className="transport-hint">Space play · 1–9 choose · ? keys</p>
      )}
    </div>
  )
}

const NO_EVENTS: readonly never[] = []

/** The run that is open. The shell draws no panel before there is one. */
function useRun() {
  const run = useLab(s => s.run)
  const snapshot = useLab(s => s.snapshot)
  const film = useLab((s: LabState) => s.film)
  if (run === null || snapshot === null) throw new Error('a panel was drawn before a run was open')
  return { run, snapshot, film }
}
