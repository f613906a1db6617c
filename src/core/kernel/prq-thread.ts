import { receiveResponse } from '../device/page-request.ts'
import type { Machine } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import {
  dropFirstRequest,
  firstRequest,
  hasRoomForGroup,
  type PageRequest,
  partialRequests,
  prqOverflowed,
  queueGroup,
  requestsQueued,
  setPartial,
  setPrqOverflow,
} from '../machine/page-requests.ts'
import { pageUnderTag } from '../machine/pasids.ts'
import { pageLabel, pageVpn, type Setup } from '../machine/setup.ts'
import type { Actor } from '../threads/actor.ts'

/**
 * The thread that empties the page request queue. Requests wait in software until the Last of their group comes; then the group goes to
 * whom the PASID is bound to at that moment. After an overflow, and with the queue empty, it forgets requests whose Last may have been
 * lost, and lets the hardware take requests again.
 *
 * Kernel: prq_event_thread() drivers/iommu/intel/prq.c, iommu_report_device_fault(), iopf_queue_discard_partial()
 * drivers/iommu/io-pgfault.c. A group without a domain is answered Invalid Request; one for which there is no memory, Response Failure
 * (6.9 on; Invalid Request before).
 * Simplified: the room of a request is free as soon as it is taken out, where the thread gives back all that it found at once.
 */
export function prqThreadActor(s: Setup, id: number): Actor {
  const waits = (m: Machine): boolean => requestsQueued(s, m) > 0
  /** Where the faults of a group are handled; null: no domain is attached. */
  const targets = (m: Machine, r: PageRequest): readonly number[] | null => {
    const group = [...partialRequests(s, m, r.device).filter(p => p.group === r.group), r]
    const pages = group.map(p => pageUnderTag(s, m, p.page))
    return pages.every(page => page >= 0) ? pages : null
  }

  function takeLast(m: Machine, r: PageRequest, noMemory: boolean, emit?: Emit): void {
    const kept = partialRequests(s, m, r.device)
    const asked = [...kept.filter(p => p.group === r.group), r]
    const pages = targets(m, r)
    setPartial(
      s,
      m,
      r.device,
      kept.filter(p => p.group !== r.group),
    )
    if (pages === null || noMemory) {
      receiveResponse(s, m, r.device, r.group, noMemory ? 'failure' : 'invalid', emit)
      return
    }
    for (const [i, page] of pages.entries()) {
      const request = asked[i]
      if (request === undefined || request.page === page) continue
      noteDamage(s, m, DAMAGE.usedAfterItsEnd)
      const vpn = pageVpn(s, request.page)
      emit?.({ type: 'page-request-misdelivered', device: r.device, vpn, to: pageVpn(s, page) })
    }
    queueGroup(s, m, { device: r.device, write: r.write, group: r.group, pages })
    emit?.({
      type: 'page-group-complete',
      device: r.device,
      group: r.group,
      pages: asked.map(p => pageVpn(s, p.page)),
    })
  }

  return {
    id,
    name: 'PRQ thread',
    kind: 'fault-worker',
    lane: 'IOMMU',
    finished: m => !waits(m) && !prqOverflowed(s, m),
    ready: m => {
      if (!waits(m)) return prqOverflowed(s, m) ? 1 : 0
      const r = firstRequest(s, m)
      if (!r.last) return 1
      const pages = targets(m, r)
      if (pages === null) return 1
      return hasRoomForGroup(s, m) ? (s.requestsMayFail ? 2 : 1) : 0
    },
    blocked: m => (waits(m) ? 'groups before it are not handled yet' : 'the page request queue is empty'),
    op: (m, alternative) => {
      const base = { file: 'drivers/iommu/intel/prq.c', stack: ['prq_event_thread'], phase: null }
      if (!waits(m)) {
        return {
          ...base,
          fn: 'iopf_queue_discard_partial',
          file: 'drivers/iommu/io-pgfault.c',
          label: 'clear the overflow',
          why: 'The Last of a group may have been among the requests that were lost. What is kept of such a group would be taken for a part of another.',
        }
      }
      const r = firstRequest(s, m)
      const name = pageLabel(s, r.page)
      if (!r.last)
        return {
          ...base,
          fn: 'iommu_report_device_fault',
          file: 'drivers/iommu/io-pgfault.c',
          label: `keep the request for ${name} until the Last of its group comes`,
          why: 'A group is answered as a whole, so it is handled as a whole.',
        }
      return {
        ...base,
        fn: 'iommu_report_device_fault',
        file: 'drivers/iommu/io-pgfault.c',
        label:
          alternative === 1
            ? `find no memory for the group of ${name}, and answer Response Failure`
            : `hand the group of ${name} to a worker`,
        why: 'From the PASID follows whose memory is asked for: that of the process to which it is bound now.',
      }
    },
    step: (m, alternative, emit) => {
      if (!waits(m)) {
        const lost = s.devices.map((_, device) => partialRequests(s, m, device).length)
        for (const device of s.devices.keys()) setPartial(s, m, device, [])
        setPrqOverflow(s, m, false)
        emit?.({ type: 'prq-overflow-cleared', discarded: lost.reduce((a, b) => a + b, 0) })
        return
      }
      const r = firstRequest(s, m)
      dropFirstRequest(s, m)
      if (r.last) {
        takeLast(m, r, alternative === 1, emit)
        return
      }
      setPartial(s, m, r.device, [...partialRequests(s, m, r.device), r])
      emit?.({ type: 'page-request-taken', device: r.device, vpn: pageVpn(s, r.page), group: r.group })
    },
  }
}
