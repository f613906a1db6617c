import type { Choice, MoveView } from '../../core/view/world.ts'
import '../shared/shared.css'
import { type Icon, TransportIcon } from './icons.tsx'
import { MoveChip } from './MoveChip.tsx'
import { type NumberedMove, numberMoves } from './moves.ts'
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
  /** Someone can move at the end of the run: playing and stepping go on there by the fair schedule. */
  readonly canGoOn: boolean
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
  const { playing, at, length, speed, speeds, moves, canGoOn } = props
  const atStart = at === 0
  const atEnd = at >= length
  return (
    <section className="transport" aria-label="Playback and next moves">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
      <div className="transport-keys" role="group" aria-label="Playback">
        <KeyButton icon="first" label="First step" keys="Home" blocked={atStart} onPress={props.onFirst} />
        <KeyButton icon="prev" label="One step back" keys="ArrowLeft" blocked={atStart} onPress={props.onPrev} />
        <KeyButton
          main
          icon={playing ? 'pause' : 'play'}
          label={playing ? 'Pause' : 'Play'}
          keys="Space"
          blocked={!canGoOn && !playing && length === 0}
          onPress={props.onPlayPause}
        />
        <KeyButton icon="next" label="One step on" keys="ArrowRight" blocked={!canGoOn} onPress={props.onNext} />
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

interface MovesProps {
  readonly moves: readonly MoveView[]
  onMove(choice: Choice): void
}

/** Who can move, and below, smaller, who cannot. Two rows whatever happens, so that the bar keeps its height. */
function NextMoves({ moves, onMove }: MovesProps) {
  const numbered = numberMoves(moves)
  const ready = numbered.filter(item => item.move.ready)
  const blocked = numbered.filter(item => !item.move.ready)
  return (
    <div className="transport-moves">
      <h2 className="transport-title">Next move</h2>
      <div className="chip-rows">
        <Chips label="Ready to move" items={ready} onMove={onMove} />
        {ready.length === 0 && <p className="transport-none">Nobody can move.</p>}
        <Chips label="Cannot move now" items={blocked} onMove={onMove} />
      </div>
    </div>
  )
}

interface ChipsProps {
  readonly label: string
  readonly items: readonly NumberedMove[]
  onMove(choice: Choice): void
}

function Chips({ label, items, onMove }: ChipsProps) {
  if (items.length === 0) return null
  return (
    <ul className="chips" aria-label={label}>
      {items.map(item => (
        <li key={`${item.move.choice.actor} ${item.move.choice.alternative}`}>
          <MoveChip item={item} onMove={() => onMove(item.move.choice)} />
        </li>
      ))}
    </ul>
  )
}

interface KeyProps {
  readonly icon: Icon
  readonly label: string
  readonly keys: string
  readonly blocked: boolean
  /** The one to press first: it is filled. */
  readonly main?: boolean
  onPress(): void
}

/** Stays focusable at the ends of the run: a button that vanishes under a finger takes the focus with it. */
function KeyButton({ icon, label, keys, blocked, main = false, onPress }: KeyProps) {
  return (
    <button
      type="button"
      className={`transport-key${main ? ' transport-main' : ''}`}
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
