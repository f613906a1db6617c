import type { Parts } from '../explorer/system.ts'
import { hasAtc } from '../machine/ats.ts'
import { type Column, get, type Machine, set, watching } from '../machine/cells.ts'
import type { Lab } from './build.ts'
import { isReducible } from './reducible.ts'

/**
 * A machine in parts: what each CPU, each device with its ATC, the fault worker and each thread of KVM own is a local part, everything
 * else is shared. The layout gives each of them words of its own (shapeOf in core/machine/shape.ts, kvmColumns, atsColumns).
 */
export function partsOf(lab: Lab): Parts {
  const { setup, actors } = lab
  const { shape } = setup
  const devices = shape.devices.map((owned, i): Column[] => [
    ...Object.values(owned),
    ...Object.values(shape.ats[i] ?? {}),
  ])
  const columnsOf = (owned: object): readonly Column[] => Object.values(owned)
  const owners = [
    ...shape.cpus.map(columnsOf),
    ...devices,
    columnsOf(shape.faultWorker),
    ...shape.kvms.flatMap(vm => vm.threads.map(columnsOf)),
  ].map(wordsOf)
  const partOf = Array.from({ length: shape.words }, (_, word) => 1 + owners.findIndex(words => words.has(word)))
  const firstDevice = shape.cpus.length
  const worker = firstDevice + devices.length
  const programs = setup.consumers.flatMap(consumer => consumer.threads)
  const atcs = devices.flatMap((_, i) => (hasAtc(setup, i) ? [firstDevice + i] : []))
  let device = 0
  let atc = 0
  const homeOf = actors.map((actor, i) => {
    if (actor.kind === 'cpu') return i
    if (actor.kind === 'device') return firstDevice + device++
    if (actor.kind === 'fault-worker') return worker
    if (actor.kind === 'atc') return atcs[atc++] ?? -1
    const thread = programs[i - (actors.length - programs.length)]
    return thread === undefined ? -1 : (partOf[thread.pc.word[0] as number] as number) - 1
  })
  // Far are devices; where there are none, vCPUs and what else runs the code of VMs. Columns: the last device, or the last vCPU.
  const [from, end] = devices.length > 0 ? [firstDevice, worker] : [worker + 1, owners.length]
  const column = devices.length > 0 ? end - 1 : worker + (shape.sizes.features.kvms[0]?.vcpus ?? 0)
  const groupOf = owners.map((_, i) => (i < from || i >= end ? 0 : i === column ? 2 : 1))
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
  // A flush asks one ATC after the other, so they cannot change places.
  if (shape.sizes.features.ats) return undefined
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
