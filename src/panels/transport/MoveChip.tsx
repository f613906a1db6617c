import { type FocusEvent, type MouseEvent, useId, useState } from 'react'
import { moveText, type NumberedMove } from './moves.ts'

interface Props {
  readonly item: NumberedMove
  onMove(): void
}

/** One possible move. Not ready: it stays in the tab order and says why, on the screen and to who listens. */
export function MoveChip({ item, onMove }: Props) {
  const { move, key } = item
  const tip = useId()
  const [at, setAt] = useState<{ left: number; bottom: number } | null>(null)
  // Fixed to the window: the bar may scroll, and must not cut the tip off.
  const show = (event: FocusEvent<HTMLElement> | MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    // Above the whole bar: over a chip it would hide its neighbours.
    const top = event.currentTarget.closest('.transport')?.getBoundingClientRect().top ?? box.top
    setAt({ left: Math.max(8, Math.min(box.left, window.innerWidth - 328)), bottom: window.innerHeight - top + 2 })
  }
  const hide = () => setAt(null)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the tip open while the pointer is on chip or tip
    <span className="chip-place" onMouseEnter={show} onMouseLeave={hide}>
      <button
        type="button"
        className={`chip chip-${move.actor.kind}${move.ready ? '' : ' chip-blocked'}`}
        aria-disabled={!move.ready}
        aria-describedby={tip}
        aria-keyshortcuts={key === null ? undefined : String(key)}
        onClick={move.ready ? onMove : undefined}
        onFocus={show}
        onBlur={hide}
        onKeyDown={event => {
          if (event.key === 'Escape' && at !== null) {
            event.stopPropagation()
            hide()
          }
        }}
      >
        {key !== null && <kbd>{key}</kbd>}
        <b>{move.actor.name}</b>
        <span className={move.ready ? 'chip-text' : 'unseen'}>{moveText(move)}</span>
      </button>
      <span id={tip} role="tooltip" className="tip" hidden={at === null} style={at ?? undefined}>
        {move.ready ? (
          <>
            Runs <code>{move.op}</code>.
          </>
        ) : (
          <>Cannot move: {move.reason}</>
        )}
      </span>
    </span>
  )
}
