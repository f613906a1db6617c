import { known } from '../base/assert.ts'
import type { DeviceAccess } from '../device/device.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { pageLabel, pageVpn, type Setup } from '../machine/setup.ts'
import { STOPPED, WAITING_FOR_CPU } from '../machine/shape.ts'
import type { Actor } from '../threads/actor.ts'
import { atOnce, type Footprint, type Part } from '../threads/footprint.ts'
import { mustCopy } from './cow.ts'
import { mmapBlocked, mmapReadLock, mmapReadReady, mmapReadUnlockTouches, mmapUnlock } from './mmap-lock.ts'
import { faultBlocked, faultFootprint, faultReady, handleMmFault, refusal } from './page-fault.ts'
import { owesRest, REST, roomToTell, tellRaised, tellRest, toldAll } from './raised-permission.ts'

/** Where the worker stands: idle, VMA found and lock held, answer ready, waiting for the page to be copied (serve-faults.ts). */
const AT = { idle: 0, handle: 1, respond: 2, copy: 3 } as const
export const FAULT_PROGRAM_LENGTH = 2

/**
 * The CPU's side of a device fault: a page request comes in, the worker takes the mmap lock, calls handle_mm_fault() as for a
 * fault of the process's own, and answers.
 *
 * Kernel: iommu_sva_handle_mm() drivers/iommu/io-pgfault.c, iommu-sva.c; do_fault() drivers/iommu/amd_iommu_v2.c, which while
 * a start/end pair is open answers SUCCESS without mapping anything (empty-table driver).
 * Requests wait in an unbound workqueue, so any of them may be taken next: one alternative for each device that waits.
 * Simplified: one worker, one request at a time; no groups, no overflow. A page that must be copied is copied on another CPU.
 */
export function faultWorkerActor(s: Setup, id: number, scripts: readonly (readonly DeviceAccess[])[]): Actor {
  const { faultWorker: k, devices } = s.shape
  const holder = s.cpus.length + 1
  const pc = (m: Machine): number => get(m, k.pc, 0)
  const asks = (m: Machine, device: number): boolean =>
    get(m, known(devices[device], 'device').stage, 0) === WAITING_FOR_CPU
  /** The waiting device of this alternative; -1 when no so many wait. */
  const asking = (m: Machine, alternative = 0): number => {
    let left = alternative
    for (let device = 0; device < devices.length; device++) if (asks(m, device) && left-- === 0) return device
    return -1
  }
  const waiting = (m: Machine): number => {
    let count = 0
    for (let device = 0; device < devices.length; device++) if (asks(m, device)) count++
    return count
  }
  const served = (m: Machine, alternative = 0): number =>
    pc(m) === AT.idle ? asking(m, alternative) : get(m, k.device, 0)
  const pageOf = (m: Machine, device: number): number => get(m, known(devices[device], 'device').page, 0) - 1
  const writes = (m: Machine, device: number): boolean =>
    scripts[device]?.[get(m, known(devices[device], 'device').action, 0)]?.write === true
  const evades = (m: Machine): boolean => s.policy.driver === 'empty-table' && get(m, s.shape.iommu.nesting, 0) > 0

  function respond(m: Machine, device: number, response: 'success' | 'invalid', emit?: Emit): void {
    const d = known(devices[device], 'device')
    const vpn = pageVpn(s, pageOf(m, device))
    set(m, d.stage, 0, response === 'success' ? 0 : STOPPED)
    emit?.({ type: 'page-request-answered', device, vpn, response })
    if (response === 'invalid') emit?.({ type: 'device-stopped', device, vpn })
    for (const column of [k.pc, k.device, k.outcome]) set(m, column, 0, 0)
  }

  return {
    id,
    name: 'Fault worker',
    kind: 'fault-worker',
    lane: 'IOMMU',
    finished: m => pc(m) === AT.idle && asking(m) < 0,
    ready: m => {
      if (pc(m) === AT.idle) {
        const requests = waiting(m)
        return requests > 0 && (evades(m) || mmapReadReady(s, m)) ? requests : 0
      }
      const page = pageOf(m, served(m))
      if (pc(m) === AT.copy) return 0
      if (pc(m) === AT.handle) return faultReady(s, m, page, writes(m, served(m))) && roomToTell(s, m, page) ? 1 : 0
      return toldAll(s, m) ? 1 : 0
    },
    blocked: m => {
      const device = served(m)
      if (device < 0) return 'no page request is waiting'
      if (pc(m) === AT.idle) return mmapBlocked(s, m)
      if (pc(m) === AT.copy) return `${pageLabel(s, pageOf(m, device))} is being copied`
      if (pc(m) === AT.respond) return 'the IOMMU has not executed the invalidate yet'
      const page = pageOf(m, device)
      return faultReady(s, m, page, writes(m, device)) ? 'the invalidation queue is full' : faultBlocked(s, m, page)
    },
    op: (m, alternative) => {
      const device = served(m, alternative)
      const base = { file: 'drivers/iommu/iommu-sva.c', stack: ['iommu_sva_handle_iopf'], phase: null }
      if (device < 0) return { ...base, fn: 'idle', label: 'wait for a page request', why: '' }
      const label = pageLabel(s, pageOf(m, device))
      if (pc(m) === AT.idle) {
        return evades(m)
          ? {
              ...base,
              fn: 'ppr_notifier',
              file: 'drivers/iommu/amd_iommu_v2.c',
              label: `answer the request for ${label} without mapping it`,
              why: 'While the empty table is installed the device can only try again, and again.',
            }
          : {
              ...base,
              fn: 'mmap_read_lock',
              label: `look for the VMA of ${label}`,
              why: 'A device fault is handled like one of the process’s own.',
            }
      }
      if (pc(m) === AT.handle || pc(m) === AT.copy) {
        const copies = writes(m, device) && mustCopy(s, m, pageOf(m, device))
        return {
          ...base,
          fn: 'handle_mm_fault',
          file: 'mm/memory.c',
          label: copies ? `see that ${label} must be copied for the device` : `map ${label} for the device`,
          why: copies
            ? 'Others have the page too. Copy on write is the same for a device as for a CPU.'
            : 'Not present to present: no flush, no notifier.',
        }
      }
      if (owesRest(s, m)) return { ...base, ...REST }
      return {
        ...base,
        fn: 'iopf_complete_group',
        file: 'drivers/iommu/io-pgfault.c',
        label: `answer the request for ${label}`,
        why: 'Success means: try again. It promises nothing.',
      }
    },
    step: (m, alternative, emit) => {
      const device = served(m, alternative)
      const page = pageOf(m, device)
      const write = writes(m, device)
      if (pc(m) === AT.idle) {
        if (evades(m)) return respond(m, device, 'success', emit)
        const why = refusal(s, m, page, write)
        if (why !== '') {
          emit?.({ type: 'fault-refused', vpn: pageVpn(s, page), why })
          return respond(m, device, 'invalid', emit)
        }
        emit?.({ type: 'fault-taken', vpn: pageVpn(s, page), write, by: 'device' })
        mmapReadLock(s, m)
        set(m, k.device, 0, device)
        set(m, k.pc, 0, AT.handle)
      } else if (pc(m) === AT.handle) {
        if (write && mustCopy(s, m, page)) return set(m, k.pc, 0, AT.copy)
        if (handleMmFault(s, m, page, write, emit)) tellRaised(s, m, page, emit)
        set(m, k.pc, 0, AT.respond)
      } else if (owesRest(s, m)) {
        tellRest(s, m, page, emit)
      } else {
        mmapUnlock(s, m, holder)
        respond(m, device, 'success', emit)
      }
    },
  }
}

/** The page that must be copied for a device before the worker goes on, or -1. */
export const workerCopies = ({ shape }: Setup, m: Machine): number =>
  get(m, shape.faultWorker.pc, 0) === AT.copy
    ? get(m, known(shape.devices[get(m, shape.faultWorker.device, 0)], 'device').page, 0) - 1
    : -1

/** It has been copied, or need not be any more: the worker answers. */
export const copyDone = ({ shape }: Setup, m: Machine): void => set(m, shape.faultWorker.pc, 0, AT.respond)

/** How far the worker is with the request of this device: 0 not begun, 1 to handle it, 2 to respond. */
export const workerAnswers = (s: Setup, m: Machine, device: number): number =>
  get(m, s.shape.faultWorker.device, 0) === device ? get(m, s.shape.faultWorker.pc, 0) : 0

/** The moves of the worker for one request. */
export interface RequestFootprints {
  readonly take: Footprint
  readonly handle: Footprint
  readonly respond: Footprint
}

/**
 * What it touches for a request of the device for this page. While it has not chosen a request, others may come in: then it has
 * more to choose from. An answer that maps nothing may be given again and again.
 */
export function requestFootprints(s: Setup, device: number, page: number, write: boolean): RequestFootprints {
  const { resources: r, shape, policy } = s
  const request = [r.request(device)]
  const always: Pick<Footprint, 'needs' | 'only' | 'circles'> = { needs: [], only: [], circles: undefined }
  const evades = (m: Machine): boolean => policy.driver === 'empty-table' && get(m, shape.iommu.nesting, 0) > 0
  const allows = (m: Machine): boolean => refusal(s, m, page, write) === ''
  const nesting = policy.driver === 'empty-table' ? [r.nesting] : []
  return {
    take: {
      ...always,
      needs: [
        { on: [r.worker], holds: m => get(m, shape.faultWorker.pc, 0) === AT.idle, as: 'knows' },
        { on: [r.mmapWriter, ...nesting], holds: m => evades(m) || mmapReadReady(s, m), as: 'reads' },
      ],
      touches: [
        atOnce({ misses: shape.devices.map((_, i) => r.request(i)) }),
        { writes: [r.worker], knows: request },
        { reads: [r.vma(page)], now: m => !evades(m) },
        { merges: request, now: m => evades(m) || !allows(m) },
        { merges: [r.mmapReaders], now: m => !evades(m) && allows(m) },
      ],
      circles: evades,
    },
    handle: withMore(faultFootprint(s, page, write), { knows: request, writes: [r.worker] }),
    respond: { ...always, touches: [mmapReadUnlockTouches(s), { merges: [r.worker, ...request] }] },
  }
}

const withMore = (footprint: Footprint, part: Part): Footprint => ({
  ...footprint,
  touches: [...footprint.touches, part],
})
