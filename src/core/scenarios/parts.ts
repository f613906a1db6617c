import { known } from '../base/assert.ts'
import type { Parts } from '../explorer/system.ts'
import { hasAtc } from '../machine/ats.ts'
import { type Column, get, type Machine, set, watching } from '../machine/cells.ts'
import { hasFeatures, NO_FEATURES } from '../machine/features.ts'
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
  const twins = isReducible(lab) ? twinDevices(lab, firstDevice) : twinVcpus(lab, worker + 1)
  // Of parts that are neither of two twins, none may be far (explorer/twins.ts).
  const last = twins === undefined ? end : column + 1
  const groupOf = owners.map((_, i) => (i < from || i >= last ? 0 : i === column ? 2 : 1))
  return { partOf, groupOf, homeOf, watch: watching, ...(twins === undefined ? {} : { twins }) }
}

const wordsOf = (columns: readonly Column[]): Set<number> => new Set(columns.flatMap(column => [...column.word]))

/** Two devices with the same script are the same but for their names: who wrote to a frame, whom the fault worker serves. */
function twinDevices({ scenario, setup }: Lab, firstDevice: number): Parts['twins'] {
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
    exchange(m, a ?? [], b ?? [])
    const { pc, device } = shape.faultWorker
    if (get(m, pc, 0) !== 0) set(m, device, 0, 1 - get(m, device, 0))
    rename(m, shape.writer, names)
  }
  return { rows: firstDevice, columns: firstDevice + 1, swap }
}

/**
 * Two vCPUs of the only VM with the same script are the same but for their names: who wrote to a frame, who holds mmu_lock. Where nothing
 * else is told of a single one: no memslot that waits for them, no APIC page that each loads.
 */
function twinVcpus({ scenario, setup }: Lab, firstThread: number): Parts['twins'] {
  const { shape, cpus, devices } = setup
  const { features } = shape.sizes
  const [vm, ...others] = scenario.consumers ?? []
  if (vm?.kind !== 'kvm' || others.length > 0 || devices.length > 0) return undefined
  const [one, other, ...more] = vm.vcpus
  if (one === undefined || other === undefined || more.length > 0) return undefined
  if (JSON.stringify(one.script) !== JSON.stringify(other.script)) return undefined
  const [sizes] = features.kvms
  const plain = !hasFeatures({ ...features, kvms: [], references: NO_FEATURES.references })
  if (!plain || sizes === undefined || sizes.apic || sizes.slots > 0) return undefined
  const { lock, threads } = known(shape.kvms[0], vm.name)
  const [a, b] = threads.map(thread => Object.values(thread) as Column[])
  const swap = (state: Uint32Array): void => {
    const m = state as Machine
    exchange(m, a ?? [], b ?? [])
    rename(m, lock, [cpus.length + 2, cpus.length + 3])
    rename(m, shape.writer, [cpus.length + 1, cpus.length + 2])
  }
  return { rows: firstThread, columns: firstThread + 1, swap }
}

/** What one has, the other gets. */
function exchange(m: Machine, one: readonly Column[], other: readonly Column[]): void {
  for (const [i, column] of one.entries()) {
    const twin = other[i] as Column
    for (let at = 0; at < column.length; at++) {
      const value = get(m, column, at)
      set(m, column, at, get(m, twin, at))
      set(m, twin, at, value)
    }
  }
}

/** Where one of two names stands, the other will. */
function rename(m: Machine, column: Column, names: readonly number[]): void {
  for (let at = 0; at < column.length; at++) {
    const which = names.indexOf(get(m, column, at))
    if (which >= 0) set(m, column, at, names[1 - which] as number)
  }
}
