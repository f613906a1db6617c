import { useState } from 'react'
import type { RibbonView } from '../../core/view/world.ts'
import { Mark } from '../shared/Mark.tsx'
import { FactTable } from './FactTable.tsx'
import { FrameStrips } from './FrameStrips.tsx'
import { type Outcome, outcomeOf } from './outcome.ts'
import { Ribbons } from './Ribbons.tsx'
import { RowTable } from './RowTable.tsx'
import { type CompareData, phaseOfRow, rowOfStep, stepOfRow } from './row-of.ts'
import { Scrub } from './Scrub.tsx'
import './compare.css'
import './pairs.css'

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
        <Ending comparison={comparison} outcome={comparison === null ? null : outcomeOf(comparison, there)} />
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
      {comparison !== null && props.thereRibbon !== null && (
        <Ribbons
          here={{ name: here, ribbon: props.hereRibbon, phase: phaseOfRow(comparison.rows, row, 'here') }}
          there={{ name: there, ribbon: props.thereRibbon, phase: phaseOfRow(comparison.rows, row, 'there') }}
        />
      )}
      {comparison !== null && (
        <div className="compare-body">
          <div className="compare-rows">
            <Scrub comparison={comparison} row={row} onRow={setRow} />
            <RowTable
              key={kernel}
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
              <FrameStrips
                here={{ name: here, frames: worlds.here.frames }}
                there={{ name: there, frames: worlds.there.frames }}
              />
              <FactTable
                row={Math.max(0, row) + 1}
                world={worlds.here}
                other={worlds.there}
                costs={comparison.costs}
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

interface EndingProps {
  readonly comparison: CompareData | null
  readonly outcome: Outcome | null
}

const signs = { safe: 'holds', broken: 'violated', stopped: 'warning' } as const

/** What came of the schedule on the other side: a sign, a word, a sentence. */
function Ending({ comparison, outcome }: EndingProps) {
  return (
    <p className={`compare-ending${outcome === null ? '' : ` is-${outcome.kind}`}`}>
      {outcome !== null && (
        <b className="compare-outcome">
          <Mark kind={signs[outcome.kind]} />
          {outcome.word}
        </b>
      )}{' '}
      {comparison?.ending.sentence ?? 'Following the schedule there…'}
    </p>
  )
}

/** A row that was chosen, and where the run stood then and will stand. */
interface Chosen {
  readonly comparison: CompareData
  readonly row: number
  readonly from: number
  readonly to: number
}

/**
 * The row looked at. It follows the run when the run moves, and moves the run when it is chosen; a chosen row stays even
 * if it has no step here.
 */
function useScrub(comparison: CompareData | null, at: number, onSeek: (at: number) => void) {
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const stays = chosen !== null && chosen.comparison === comparison && (at === chosen.from || at === chosen.to)
  const row = stays ? chosen.row : comparison === null ? -1 : rowOfStep(comparison.rows, at)
  const choose = (next: number) => {
    if (comparison === null) return
    const to = stepOfRow(comparison.rows, next)
    setChosen({ comparison, row: next, from: at, to })
    onSeek(to)
  }
  return [row, choose] as const
}
