import { known } from '../base/assert.ts'
import { commandDevice, hasAtc } from '../machine/ats.ts'
import { get, type Machine } from '../machine/cells.ts'
import { type Resource, span } from '../machine/resources.ts'
import type { Setup } from '../machine/setup.ts'
import { holdsIn } from '../machine/tlb.ts'
import type { Actor } from '../threads/actor.ts'
import { atOnce, type Footprint, type Need, type Part } from '../threads/footprint.ts'
import type { Reach } from './device-footprint.ts'
import { commandIn, executable, execute, mustDrain, undrained } from './invalidation-queue.ts'

/** The IOMMU takes commands from its invalidation queue, in order unless the hardware is free in it. Where it drains walks, it waits for those that the command concerns. */
export function iommuActor(s: Setup, id: number): Actor {
  const { queueCount } = s.shape.iommu
  return {
    id,
    name: 'IOMMU',
    kind: 'iommu',
    lane: 'IOMMU',
    finished: m => get(m, queueCount, 0) === 0,
    ready: m => executable(s, m).length,
    blocked: m => {
      if (get(m, queueCount, 0) === 0) return 'the invalidation queue is empty'
      if (commandDevice(s, m, 0) > 0)
        return `${s.devices[undrained(s, m)]?.name ?? 'a device'} has not answered the Invalidate Request before`
      return `it drains walks first, and one for ${s.devices[undrained(s, m)]?.name ?? 'a device'} is under way`
    },
    op: (m, alternative) => {
      const slot = executable(s, m)[alternative] ?? 0
      return {
        fn: (get(m, queueCount, 0) > 0 ? commandIn(s, m, slot)?.name : undefined) ?? 'invalidate',
        file: 'hardware',
        stack: [],
        phase: null,
        label:
          slot === 0 ? 'execute the invalidate at the head of the queue' : `execute command ${slot + 1} of the queue`,
        why:
          slot === 0
            ? 'Only now do the entries go. Until here every one of them could be used.'
            : 'Nothing tells the hardware to keep to the order: no wait stands between this command and those before it.',
      }
    },
    step: (m, alternative, emit) => execute(s, m, known(executable(s, m)[alternative], 'command'), emit),
  }
}

/** What executing the command at the head touches, of all that devices can bring into its caches. */
export function iommuFootprint(s: Setup, { pages, places }: Reach): Footprint {
  const { resources: r, shape } = s
  const q = shape.iommu
  const count = (m: Machine): number => get(m, q.queueCount, 0)
  const drops = (m: Machine, i: number, from: number, to: number, tables: boolean): boolean =>
    commandDevice(s, m, i) === 0 &&
    get(m, q.queueStart, i) < to &&
    get(m, q.queueEnd, i) > from &&
    !(tables && get(m, q.queueLeaf, i) === 1)
  /** The head drops it; or some command that waits now will. */
  const dropping = (resource: Resource, from: number, to: number, tables: boolean): Part => ({
    only: {
      on: [],
      holds: m => {
        for (let i = 0; i < count(m); i++) if (drops(m, i, from, to, tables)) return true
        return false
      },
    },
    now: m => drops(m, 0, from, to, tables),
    merges: [resource],
  })
  return {
    // Who puts one more command behind those that wait does not stop it; who begins a walk may.
    needs: [
      { on: [r.queue], holds: m => count(m) > 0, as: 'knows' },
      ...shape.devices.map(
        (_, device): Need => ({
          on: [r.walks(device), ...(hasAtc(s, device) ? [r.atcRequest(device)] : [])],
          holds: m => !mustDrain(s, m, device),
          as: 'misses',
        }),
      ),
    ],
    touches: [
      { merges: [r.queueRoom, ...span(r.commands, 0, s.cpus.length)] },
      { knows: [...pages.map(r.iotlb), ...places.map(r.walkCache)] },
      ...pages.map(page => dropping(r.iotlb(page), page, page + 1, false)),
      ...places.map(place => {
        const { firstPage, endPage } = known(shape.places[place], 'place')
        return dropping(r.walkCache(place), firstPage, endPage, true)
      }),
      ...shape.devices.flatMap((_, device) => (hasAtc(s, device) ? [asksAtc(s, device)] : [])),
      atOnce(
        { merges: [r.held] },
        m =>
          commandDevice(s, m, 0) === 0 &&
          holdsIn(s, m, q, get(m, q.queueStart, 0), get(m, q.queueEnd, 0), get(m, q.queueLeaf, 0) === 1),
      ),
    ],
    only: [],
    circles: undefined,
  }
}

/** The head asks this device's ATC; or some command that waits now will. */
const asksAtc = (s: Setup, device: number): Part => ({
  only: {
    on: [],
    holds: m => s.shape.iommu.queueStart.word.some((_, slot) => commandDevice(s, m, slot) === device + 1),
  },
  now: m => commandDevice(s, m, 0) === device + 1,
  writes: [s.resources.atcRequest(device)],
})
