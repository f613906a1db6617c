import type { CSSProperties, ReactNode } from 'react'
import type { Pfn, Vpn } from '../../core/units.ts'
import { useChange } from './changes.ts'
import { usePick } from './picking.ts'

interface Props {
  /** What it means: picks colour, border and pattern. */
  readonly use: string
  /** The cell as a sentence. */
  readonly label: string
  readonly place: string
  readonly pfn: Pfn | null
  readonly vpn?: Vpn | undefined
  readonly className: string
  readonly style?: CSSProperties
  readonly children: ReactNode
}

/** One thing that names a frame. Picking it lights everything else that names the same frame. */
export function Cell({ use, label, place, pfn, vpn, className, style, children }: Props) {
  const { named, pick } = usePick(pfn, vpn)
  const change = useChange(place)
  const sentence = `${label}${change.words}`
  return (
    <button
      type="button"
      className={`cell use-${use} ${className}${change.className}${named ? ' named' : ''}`}
      data-place={place}
      aria-label={sentence}
      aria-pressed={named}
      title={sentence}
      tabIndex={-1}
      style={style}
      onClick={pick}
    >
      {children}
    </button>
  )
}
