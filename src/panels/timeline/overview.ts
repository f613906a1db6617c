import type { StepView } from '../../core/view/world.ts'

/** A long run at a glance: exposure windows as one path, damage as another. */
export interface Overview {
  readonly exposed: string
  readonly damage: string
}

const COLUMN = 3

/** Each column of pixels shows the worst of the steps that fall into it: nothing is averaged away. */
export function overviewOf(film: readonly StepView[], length: number, width: number, height: number): Overview {
  const columns = Math.max(1, Math.floor(width / COLUMN))
  const exposed = new Uint8Array(columns)
  const damage = new Uint8Array(columns)
  for (const step of film) {
    const column = Math.min(columns - 1, Math.floor(((step.number - 1) / Math.max(1, length)) * columns))
    if (step.exposed > 0) exposed[column] = 1
    if (step.tone === 'damage') damage[column] = 1
  }
  return { exposed: barsOf(exposed, height), damage: barsOf(damage, height) }
}

function barsOf(columns: Uint8Array, height: number): string {
  let d = ''
  for (let i = 0; i < columns.length; i++) {
    if (columns[i] === 0) continue
    let end = i + 1
    while (columns[end] === 1) end++
    d += `M${i * COLUMN},0H${end * COLUMN}V${height}H${i * COLUMN}z`
    i = end
  }
  return d
}
