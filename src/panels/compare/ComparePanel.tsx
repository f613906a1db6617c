import { useEffect, useRef, useState } from 'react'
import type { RibbonView } from '../../core/view/world.ts'
import { FactTable } from './FactTable.tsx'
import { FrameStrip } from './FrameStrip.tsx'
import { RowTable } from './RowTable.tsx'
import { type CompareData, rowOfStep, stepOfRow } from './row-of.ts'
import './compare.css'

interface Props {
  readonly comparison: CompareData | null
  /** The kernel of the open run, as it is called: `3.18`. */
  readonly here: string
  readonly hereRibbon: RibbonView
  readonly thereRibbon: RibbonView | null
  readonly kernels: readonly { readonly id: string; readonly label: string; readonly what: string }[]
  /** The kernel on the other side. */
  readonly kernel: string
  /** The step that the run stands at. */
  readonly at: number
  readonly onKernel: (id: string) => void
  readonly onSeek: (at: number) => void
  /** Opens the other side by itself. */
  readonly onOpenOther: () => void
  readonly onClose: () => void
}

/** The same schedule on two kernels: step beside step, world beside world, and where they part. */
export function ComparePanel(props: Props) {
  const { comparison, here, kernels, kernel, at } = props
  const there = kernels.find(k => k.id === kernel)?.label ?? kernel
  const [row, setRow] = useScrub(comparison, at, props.onSeek)
  const worlds = comparison?.worlds[Math.max(0, row)]
  return (
    <section className="compare" aria-label={`Comparison of ${here} with ${there}`}>
      <header className="compare-head">
        <h2 className="panel-title">
          {here} beside
          <select aria-label="Kernel to compare with" value={kernel} onChange={e => props.onKernel(e.target.value)}>
            {kernels.map(k => (
              <option key={k.id} value={k.id}>
                {k.label}
              </option>
            ))}
          </select>
        </h2>
        <p className="compare-ending">{comparison?.ending.sentence ?? 'Following the schedule there…'}</p>
        {comparison !== null && comparison.divergence !== null && (
          <button type="button" onClick={() => setRow(comparison.divergence ?? 0)}>
            First difference
          </button>
        )}
        <button type="button" onClick={props.onOpenOther}>
          Open {there}
        </button>
        <button type="button" onClick={props.onClose}>
          Close
        </button>
      </header>
      {comparison !== null && (
        <div className="compare-body">
          <div className="compare-rows">
            <label className="compare-scrub">
              <span className="unseen">Row</span>
              <input
                type="range"
                min={0}
                max={Math.max(0, comparison.rows.length - 1)}
                value={Math.max(0, row)}
                disabled={comparison.rows.length === 0}
                aria-valuetext={rowInWords(comparison, row)}
                onChange={e => setRow(Number(e.target.value))}
              />
            </label>
            <RowTable
              rows={comparison.rows}
              divergence={comparison.divergence}
              current={row}
              here={here}
              there={there}
              onChoose={setRow}
            />
          </div>
          {worlds !== undefined && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            <section className="compare-worlds" tabIndex={0} aria-label="Both sides after this row">
              <Phases name={here} ribbon={props.hereRibbon} other={props.thereRibbon} />
              {props.thereRibbon !== null && (
                <Phases name={there} ribbon={props.thereRibbon} other={props.hereRibbon} />
              )}
              <FrameStrip name={here} frames={worlds.here.frames} other={worlds.there.frames} />
              <FrameStrip name={there} frames={worlds.there.frames} other={worlds.here.frames} />
              <FactTable
                row={Math.max(0, row) + 1}
                world={worlds.here}
                other={worlds.there}
                here={here}
                there={there}
              />
            </section>
          )}
        </div>
      )}
    </section>
  )
}

/** The row looked at. It follows the run when the run moves, and moves the run when it is chosen. */
function useScrub(comparison: CompareData | null, at: number, onSeek: (at: number) => void) {
  const [row, setRow] = useState(-1)
  const chosen = useRef<number | null>(null)
  useEffect(() => {
    if (comparison === null) return
    // The seek that our own choice made must not throw us off a row that has no step here.
    if (chosen.current === at) return
    chosen.current = null
    setRow(rowOfStep(comparison.rows, at))
  }, [comparison, at])
  const choose = (next: number) => {
    if (comparison === null) return
    setRow(next)
    chosen.current = stepOfRow(comparison.rows, next)
    onSeek(chosen.current)
  }
  return [row, choose] as const
}

function rowInWords(comparison: CompareData, row: number): string {
  const shown = comparison.rows[row]
  if (shown === undefined) return 'before the first step'
  const step = shown.here ?? shown.there
  return `row ${row + 1} of ${comparison.rows.length}, ${step?.mark ?? ''}, ${shown.same ? 'the same' : 'different'}`
}

/** A ribbon in one line of text; what the other kernel has not is marked. */
function Phases({ name, ribbon, other }: { name: string; ribbon: RibbonView; other: RibbonView | null }) {
  const known = new Set(other?.phases.map(p => `${p.title} ${p.kind}`))
  return (
    <p className="compare-phases">
      <b>{name}</b>
      {ribbon.phases.map(p => (
        <span
          key={p.id}
          className={`compare-phase is-${p.kind}${p.amber ? ' is-amber' : ''}`}
          data-differs={other !== null && !known.has(`${p.title} ${p.kind}`)}
          title={p.note}
        >
          {p.title}
        </span>
      ))}
    </p>
  )
}
