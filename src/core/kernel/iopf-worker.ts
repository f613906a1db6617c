import { type ResponseCode, receiveResponse } from '../device/page-request.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import {
  dropFirstGroup,
  groupAt,
  groupCount,
  type RequestGroup,
  requestsQueued,
  takeGroup,
} from '../machine/page-requests.ts'
import { isAttached, mmOfPage, nestingOf } from '../machine/pasids.ts'
import { pageLabel, pageVpn, type Setup } from '../machine/setup.ts'
import type { Actor, OpFacts } from '../threads/actor.ts'
import { mmapBlocked, mmapReadLock, mmapReadReady, mmapUnlock } from './mmap-lock.ts'
import { faultBlocked, faultReady, handleMmFault, refusal } from './page-fault.ts'
import { owesRest, REST, roomToTell, tellRaised, tellRest, toldAll } from './raised-permission.ts'

/** Where it stands: idle; VMA of a page found and lock held; that page mapped, lock held; to look for the VMA of the next page. */
const AT = { idle: 0, handle: 1, mapped: 2, look: 3 } as const
export const IOPF_PROGRAM_LENGTH = 3

/**
 * The worker that handles groups of page requests: page by page, as faults of the process to which the PASID was bound when the group was
 * complete, and then one answer. A page that cannot be had ends it: the whole group is answered Invalid Request.
 *
 * Kernel: iommu_sva_handle_iopf(), iommu_sva_handle_mm() drivers/iommu/iommu-sva.c, iopf_group_response() drivers/iommu/io-pgfault.c;
 * do_fault() drivers/iommu/amd_iommu_v2.c, which while a start/end pair is open answers Success without mapping anything.
 * Groups wait in an unbound workqueue, so any of them may be taken next: one alternative each.
 * Simplified: one worker, one group at a time.
 */
export function iopfWorkerActor(s: Setup, id: number): Actor {
  const { faultWorker: k } = s.shape
  const holder = s.cpus.length + 1
  const pc = (m: Machine): number => get(m, k.pc, 0)
  const pageAt = (m: Machine, group: RequestGroup): number => group.pages[get(m, s.shape.iopfCursor, 0)] ?? 0
  const mm = (group: RequestGroup): number => mmOfPage(s, group.pages[0] ?? 0)
  const evades = (m: Machine, group: RequestGroup): boolean =>
    s.policy.driver === 'empty-table' && nestingOf(s, m, mm(group)) > 0
  const mayTake = (m: Machine, slot: number): boolean => {
    const group = groupAt(s, m, slot)
    return evades(m, group) || mmapReadReady(s, m, mm(group))
  }
  /** The group of this alternative; -1 when no so many can be taken. */
  const taking = (m: Machine, alternative: number): number => {
    let left = alternative
    for (let slot = 0; slot < groupCount(s, m); slot++) if (mayTake(m, slot) && left-- === 0) return slot
    return -1
  }
  const isLastPage = (m: Machine, group: RequestGroup): boolean =>
    get(m, s.shape.iopfCursor, 0) + 1 === group.pages.length

  function respond(m: Machine, code: ResponseCode, emit?: Emit): void {
    const { device, group } = groupAt(s, m, 0)
    dropFirstGroup(s, m)
    set(m, s.shape.iopfCursor, 0, 0)
    set(m, k.pc, 0, AT.idle)
    receiveResponse(s, m, device, group, code, emit)
  }

  /** Takes the lock and looks for the VMA of the page that is next. */
  function lookForVma(m: Machine, group: RequestGroup, emit?: Emit): void {
    const page = pageAt(m, group)
    if (!isAttached(s, m, mm(group))) {
      noteDamage(s, m, DAMAGE.usedAfterItsEnd)
      emit?.({ type: 'domain-used-after-free', device: group.device, vpn: pageVpn(s, page) })
    }
    const why = refusal(s, m, page, group.write)
    if (why !== '') {
      emit?.({ type: 'fault-refused', vpn: pageVpn(s, page), why })
      respond(m, 'invalid', emit)
      return
    }
    emit?.({ type: 'fault-taken', vpn: pageVpn(s, page), write: group.write, by: 'device' })
    mmapReadLock(s, m, mm(group))
    set(m, k.pc, 0, AT.handle)
  }

  /** Drops the lock, and goes on to the next page, or answers. */
  function pageDone(m: Machine, group: RequestGroup, emit?: Emit): void {
    mmapUnlock(s, m, holder, mm(group))
    if (isLastPage(m, group)) {
      respond(m, 'success', emit)
      return
    }
    add(m, s.shape.iopfCursor, 0, 1)
    set(m, k.pc, 0, AT.look)
  }

  const facts = (m: Machine, alternative: number): OpFacts => {
    const base = { file: 'drivers/iommu/iommu-sva.c', stack: ['iommu_sva_handle_iopf'], phase: null }
    const slot = pc(m) === AT.idle ? taking(m, alternative) : 0
    if (slot < 0 || groupCount(s, m) === 0) return { ...base, fn: 'idle', label: 'wait for a group', why: '' }
    const group = groupAt(s, m, slot)
    const label = pageLabel(s, pageAt(m, group))
    if (pc(m) === AT.idle && evades(m, group))
      return {
        ...base,
        fn: 'ppr_notifier',
        file: 'drivers/iommu/amd_iommu_v2.c',
        label: `answer the request for ${label} without mapping it`,
        why: 'While the empty table is installed the device can only try again, and again.',
      }
    if (pc(m) === AT.handle)
      return {
        ...base,
        fn: 'handle_mm_fault',
        file: 'mm/memory.c',
        label: `map ${label} for the device`,
        why: 'Not present to present: no flush, no notifier.',
      }
    if (pc(m) === AT.mapped && owesRest(s, m)) return { ...base, ...REST }
    if (pc(m) === AT.mapped && !isLastPage(m, group))
      return {
        ...base,
        fn: 'mmap_read_unlock',
        file: 'include/linux/mmap_lock.h',
        label: `let go of the mmap lock, ${label} done`,
        why: 'Each request of a group takes the lock for itself: an unmap may come between two of them.',
      }
    if (pc(m) === AT.mapped)
      return {
        ...base,
        fn: 'iopf_group_response',
        file: 'drivers/iommu/io-pgfault.c',
        label: 'answer the group',
        why: 'One answer for all its pages. Success means: try again. It promises nothing.',
      }
    return {
      ...base,
      fn: 'mmap_read_lock',
      label: `look for the VMA of ${label}`,
      why: 'A device fault is handled like one of the process’s own.',
    }
  }

  return {
    id,
    name: 'Fault worker',
    kind: 'fault-worker',
    lane: 'IOMMU',
    finished: m => groupCount(s, m) + requestsQueued(s, m) === 0,
    ready: m => {
      if (pc(m) === AT.idle) {
        let ways = 0
        while (taking(m, ways) >= 0) ways++
        return ways
      }
      const group = groupAt(s, m, 0)
      if (pc(m) === AT.handle) {
        const page = pageAt(m, group)
        return faultReady(s, m, page) && roomToTell(s, m, page) ? 1 : 0
      }
      if (pc(m) === AT.mapped) return toldAll(s, m) ? 1 : 0
      return mmapReadReady(s, m, mm(group)) ? 1 : 0
    },
    blocked: m => {
      if (groupCount(s, m) === 0) return 'no group of page requests is complete'
      const group = groupAt(s, m, 0)
      if (pc(m) === AT.mapped) return 'the IOMMU has not executed the invalidate yet'
      if (pc(m) !== AT.handle) return mmapBlocked(s, m, mm(group))
      const page = pageAt(m, group)
      return faultReady(s, m, page) ? 'the invalidation queue is full' : faultBlocked(s, m, page)
    },
    op: facts,
    step: (m, alternative, emit) => {
      if (pc(m) === AT.idle) takeGroup(s, m, taking(m, alternative))
      const group = groupAt(s, m, 0)
      if (pc(m) === AT.idle && evades(m, group)) {
        respond(m, 'success', emit)
      } else if (pc(m) === AT.handle) {
        const page = pageAt(m, group)
        if (handleMmFault(s, m, page, group.write, emit)) tellRaised(s, m, page, emit)
        set(m, k.pc, 0, AT.mapped)
      } else if (pc(m) === AT.mapped && owesRest(s, m)) {
        tellRest(s, m, pageAt(m, group), emit)
      } else if (pc(m) === AT.mapped) {
        pageDone(m, group, emit)
      } else {
        lookForVma(m, group, emit)
      }
    },
  }
}
