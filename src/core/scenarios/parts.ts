import type { Parts } from '../explorer/system.ts'
import { type Column, watching } from '../machine/cells.ts'
import type { Lab } from './build.ts'

/**
 * A machine in parts: what each CPU, each device and the fault worker own is a local part, everything else is shared. The layout
 * gives each of them words of its own (shapeOf in core/machine/shape.ts).
 */
export function partsOf({ setup, actors }: Lab): Parts {
  const { shape } = setup
  const owners = [...shape.cpus, ...shape.devices, shape.faultWorker].map(owned => wordsOf(Object.values(owned)))
  const partOf = Array.from({ length: shape.words }, (_, word) => 1 + owners.findIndex(words => words.has(word)))
  const firstDevice = shape.cpus.length
  let device = 0
  const homeOf = actors.map((actor, i) => {
    if (actor.kind === 'cpu') return i
    if (actor.kind === 'device') return firstDevice + device++
    if (actor.kind === 'fault-worker') return owners.length - 1
    return -1
  })
  const groupOf = owners.map((_, i) => (i >= firstDevice && i < owners.length - 1 ? 1 : 0))
  return { partOf, groupOf, homeOf, watch: watching }
}

const wordsOf = (columns: readonly Column[]): Set<number> => new Set(columns.flatMap(column => [...column.word]))
