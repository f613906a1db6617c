import type { Parts } from '../explorer/system.ts'
import { type Column, get, type Machine, set, watching } from '../machine/cells.ts'
import type { Lab } from './build.ts'
import { isReducible } from './reducible.ts'

/**
 * A machine in parts: what each CPU, each device and the fault worker own is a local part, everything else is shared. The layout
 * gives each of them words of its own (shapeOf in core/machine/shape.ts).
 */
export function partsOf(lab: Lab): Parts {
  const { setup, actors } = lab
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
  const lastDevice = owners.length - 2
  const groupOf = owners.map((_, i) => {
    if (i < firstDevice || i > lastDevice) return 0
    return i === lastDevice ? 2 : 1
  })
  const twins = isReducible(lab) ? twinsOf(lab, firstDevice) : undefined
  return { partOf, groupOf, homeOf, watch: watching, ...(twins === undefined ? {} : { twins }) }
}

const wordsOf = (columns: readonly Column[]): Set<number> => new Set(columns.flatMap(column => [...column.word]))

/** Two devices with the same script are the same but for their names: who wrote to a frame, whom the fault worker serves. */
function twinsOf({ scenario, setup }: Lab, firstDevice: number): Parts['twins'] {
  const [one, other, ...more] = scenario.devices
  if (one === undefined || other === undefined || more.length > 0) return undefined
  if (JSON.stringify(one.script) !== JSON.stringify(other.script)) return undefined
  const { shape } = setup
  const [a, b] = shape.devices.map(device => Object.values(device) as Column[])
  const names = [shape.cpus.length + 1, shape.cpus.length + 2]
  const swap = (state: Uint32Array): void => {
    const m = state as Machine
    for (const [i, column] of (a ?? []).entries()) {
      const twin = b?.[i] as Column
      const value = get(m, column, 0)
      set(m, column, 0, get(m, twin, 0))
      set(m, twin, 0, value)
    }
    const { pc, device } = shape.faultWorker
    if (get(m, pc, 0) !== 0) set(m, device, 0, 1 - get(m, device, 0))
    for (let pfn = 0; pfn < shape.writer.length; pfn++) {
      const writer = names.indexOf(get(m, shape.writer, pfn))
      if (writer >= 0) set(m, shape.writer, pfn, names[1 - writer] as number)
    }
  }
  return { rows: firstDevice, columns: firstDevice + 1, swap }
}
