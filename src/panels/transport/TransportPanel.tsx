import type { Choice, MoveView } from '../../core/view/world.ts'
import '../shared/shared.css'
import { type Icon, TransportIcon } from './icons.tsx'
import { MoveChip } from './MoveChip.tsx'
import { movesByActor } from './moves.ts'
import './transport.css'

export interface TransportProps {
  readonly playing: boolean
  /** Steps taken to get here. */
  readonly at: number
  /** Steps in the run. */
  readonly length: number
  /** Steps per second, as a multiple of the usual pace. */
  readonly speed: number
  readonly speeds: readonly number[]
  readonly moves: readonly MoveView[]
  onFirst(): void
  onPrev(): void
  onPlayPause(): void
  onNext(): void
  onLast(): void
  onSpeed(speed: number): void
  onMove(choice: Choice): void
}

/** Play, step, and who moves next. */
export function TransportPanel(props: TransportProps) {
  const { playing, at, length, speed, speeds, moves } = props
  const atStart = at === 0
  const atEnd = at >= length
  return (
    <section className="transport" aria-label="Playback and next moves">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
      <div className="transport-keys" role="group" aria-label="Playback">
        <KeyButton icon="first" label="First step" keys="Home" blocked={atStart} onPress={props.onFirst} />
        <KeyButton icon="prev" label="One step back" keys="ArrowLeft" blocked={atStart} onPress={props.onPrev} />
        <KeyButton
          icon={playing ? 'pause' : 'play'}
          label={playing ? 'Pause' : 'Play'}
          keys="Space"
          blocked={atEnd && !playing}
          onPress={props.onPlayPause}
        />
        <KeyButton icon="next" label="One step on" keys="ArrowRight" blocked={atEnd} onPress={props.onNext} />
        <KeyButton icon="last" label="Last step" keys="End" blocked={atEnd} onPress={props.onLast} />
      </div>
      <p className="transport-at">
        step <b>{at}</b> of {length}
      </p>
      <label className="transport-speed">
        <span className="unseen">Speed</span>
        <select value={speed} onChange={event => props.onSpeed(Number(event.target.value))}>
          {speeds.map(s => (
            <option key={s} value={s}>
              {s}×
            </option>
          ))}
        </select>
      </label>
      <NextMoves moves={moves} onMove={props.onMove} />
    </section>
  )
}

function NextMoves({ moves, onMove }: { moves: readonly MoveView[]; onMove: (choice: Choice) => void }) {
  const groups = movesByActor(moves)
  return (
    <div className="transport-moves">
      <h2 className="transport-title">Next move</h2>
      {groups.length === 0 && <p className="transport-none">Nobody is left who could move.</p>}
      <ul className="chips">
        {groups.flatMap(group =>
          group.moves.map(item => (
            <li key={`${group.actor.id} ${item.move.choice.alternative}`}>
              <MoveChip item={item} onMove={() => onMove(item.move.choice)} />
            </li>
          )),
        )}
      </ul>
    </div>
  )
}

interface KeyProps {
  readonly icon: Icon
  readonly label: string
  readonly keys: string
  readonly blocked: boolean
  onPress(): void
}

/** Stays focusable at the ends of the run: a button that vanishes under a finger takes the focus with it. */
function KeyButton({ icon, label, keys, blocked, onPress }: KeyProps) {
  return (
    <button
      type="button"
      className="transport-key"
      aria-label={label}
      title={label}
      aria-disabled={blocked}
      aria-keyshortcuts={keys}
      onClick={blocked ? undefined : onPress}
    >
      <TransportIcon icon={icon} />
    </button>
  )
}
