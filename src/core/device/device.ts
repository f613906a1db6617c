import { known } from '../base/assert.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { noteAccess } from '../machine/damage.ts'
import type { Emit, Translator } from '../machine/event.ts'
import { mmOfPage, pasidRoot } from '../machine/pasids.ts'
import { pageLabel, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import { LEAF_READ, STOPPED, WAITING_FOR_CPU } from '../machine/shape.ts'
import { tlbLookup, tlbPfnFor } from '../machine/tlb.ts'
import { refusesWrites } from '../machine/tlb-denials.ts'
import type { Actor, OpFacts } from '../threads/actor.ts'
import { LEVELS } from '../units.ts'
import { requestPage } from './page-request.ts'
import { fillStep, pgdFrame, startWalk, walkStep } from './walk.ts'

/** One access of a device's script: `pages` are its alternatives, one for a fixed address. */
export interface DeviceAccess {
  readonly write: boolean
  readonly pages: readonly number[]
}

export const ROOT = { none: 0, empty: 1, real: 2 } as const

const IOMMU: Translator = { kind: 'iommu' }

/**
 * A device that reads and writes process memory through the IOMMU: look up the IOTLB, on a miss walk, on a fault ask the CPU
 * (PCIe PRI), then look up again. Simplified: a hit and its memory access are one step, so no DMA is in flight behind a
 * translation; the script runs one access at a time.
 */
export function deviceActor(s: Setup, id: number, index: number, script: readonly DeviceAccess[]): Actor {
  const d = known(s.shape.devices[index], `device ${index}`)
  const { iommu } = s.shape
  const name = s.devices[index]?.name ?? `device ${index}`
  const writer = s.cpus.length + index + 1
  const access = (m: Machine): DeviceAccess | undefined => script[get(m, d.action, 0)]
  const stageOf = (m: Machine): number => get(m, d.stage, 0)

  function lookUp(m: Machine, a: DeviceAccess, page: number, emit?: Emit): void {
    const entry = tlbLookup(s, m, iommu, page, a.write)
    if (entry !== 0) {
      const pfn = tlbPfnFor(s, entry, page)
      emit?.({ type: 'tlb-hit', by: IOMMU, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
      emit?.({ type: 'device-accessed', device: index, vpn: pageVpn(s, page), pfn: toPfn(pfn), write: a.write })
      noteAccess(s, m, IOMMU, page, pfn, a.write, writer, emit)
      add(m, d.action, 0, 1)
      set(m, d.page, 0, 0)
      return
    }
    set(m, d.page, 0, page + 1)
    if (refused(s, m, page, a.write)) {
      emit?.({ type: 'write-refused-by-tlb', vpn: pageVpn(s, page) })
      fault(m, page, a.write, emit)
      return
    }
    emit?.({ type: 'tlb-missed', by: IOMMU, vpn: pageVpn(s, page) })
    const mm = mmOfPage(s, page)
    if (pasidRoot(s, m, mm) === ROOT.real) startWalk(s, m, IOMMU, iommu, d, page, pgdFrame(s, m, mm), emit)
    else fault(m, page, a.write, emit)
  }

  const fault = (m: Machine, page: number, write: boolean, emit?: Emit): void =>
    requestPage(s, m, index, page, write, emit)

  /** A retry, or a walk, goes on with the page it began with; a new access may choose. */
  const pageFor = (m: Machine, a: DeviceAccess, alternative: number): number =>
    underWay(m) ? get(m, d.page, 0) - 1 : (a.pages[alternative] ?? 0)
  const underWay = (m: Machine): boolean => get(m, d.page, 0) !== 0

  return {
    id,
    name,
    kind: 'device',
    lane: name,
    finished: m => access(m) === undefined || stageOf(m) === STOPPED,
    ready: m => {
      const a = access(m)
      const stage = stageOf(m)
      if (a === undefined || stage === WAITING_FOR_CPU || stage === STOPPED) return 0
      return underWay(m) ? 1 : a.pages.length
    },
    blocked: m => {
      if (stageOf(m) === WAITING_FOR_CPU)
        return `its page request for ${pageLabel(s, get(m, d.page, 0) - 1)} waits for the CPU`
      if (stageOf(m) === STOPPED) return 'its access was refused, and it has stopped'
      return 'its script is done'
    },
    op: (m, alternative) => {
      const a = access(m)
      if (a === undefined) return { ...DEVICE_OP, label: 'nothing left to do' }
      return opFacts(s, m, stageOf(m), pageFor(m, a, alternative), a.write)
    },
    step: (m, alternative, emit) => {
      const a = known(access(m), 'an access')
      const stage = stageOf(m)
      const page = pageFor(m, a, alternative)
      if (stage === 0) {
        lookUp(m, a, page, emit)
      } else if (stage === LEAF_READ) {
        fillStep(s, m, IOMMU, iommu, d, page, emit)
      } else if (walkStep(s, m, IOMMU, iommu, d, page, a.write, emit) === 'fault') {
        fault(m, page, a.write, emit)
      }
    },
  }
}

/** Hardware that keeps permissions answers from an entry that says no; other hardware walks again. */
const refused = (s: Setup, m: Machine, page: number, write: boolean): boolean =>
  write && s.policy.cachesPermissionMiss && refusesWrites(s, m, page)

const DEVICE_OP = { fn: 'DMA', file: 'hardware', stack: [], phase: null, why: '' } as const

function opFacts(s: Setup, m: Machine, stage: number, page: number, write: boolean): OpFacts {
  const label = pageLabel(s, page)
  const verb = write ? 'write' : 'read'
  if (stage === 0) {
    const hit = tlbLookup(s, m, s.shape.iommu, page, write) !== 0
    return {
      ...DEVICE_OP,
      fn: 'DMA',
      label: hit ? `${verb} ${label} through the IOTLB` : `look up ${label}, to ${verb} it`,
      why: hit
        ? 'An IOTLB entry is used as it is: nobody asks the page table again.'
        : 'On a miss the IOMMU walks the CPU’s own page table, at any time and without a lock.',
    }
  }
  if (stage === LEAF_READ) {
    return {
      ...DEVICE_OP,
      fn: 'IOTLB fill',
      label: `cache ${label} in the IOTLB`,
      why: 'Between reading the PTE and filling the IOTLB the kernel may have cleared it: hardware that drains walks closes that gap.',
    }
  }
  return {
    ...DEVICE_OP,
    fn: 'page walk',
    label: `read the ${LEVELS[stage - 1]} entry for ${label}`,
    why: 'A walk takes time: an invalidate, or a free, may fall between two of its reads.',
  }
}
