import { known } from '../base/assert.ts'
import { completionUnderWay, mayTimeOut, requestFrom, timeOut } from '../machine/ats.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { span } from '../machine/resources.ts'
import type { Setup } from '../machine/setup.ts'
import { holdsIn, invalidate } from '../machine/tlb.ts'
import type { Actor } from '../threads/actor.ts'
import { atOnce, type Footprint } from '../threads/footprint.ts'
import { retriesAtc } from './commands/encode.ts'
import { rangeNamed } from './invalidation-queue.ts'

/**
 * The part of a device that answers Invalidate Requests: it drops what the request names, forgets a Translation Completion for these
 * pages that has not arrived yet, and sends the Invalidate Completion for which the driver waits. A device that may time out has another
 * way: it says nothing, and keeps what it has. The IOMMU gives the request up then, and VT-d (ITE) and SMMUv3 (CERROR_ATC_INV) report that.
 */
export function atcActor(s: Setup, id: number, device: number): Actor {
  const a = known(s.shape.ats[device], `ATC of device ${device}`)
  const d = known(s.shape.devices[device], `device ${device}`)
  const name = s.devices[device]?.name ?? `device ${device}`
  return {
    id,
    name: `${name} ATC`,
    kind: 'atc',
    lane: name,
    finished: m => requestFrom(s, m, device) < 0,
    ready: m => (requestFrom(s, m, device) < 0 ? 0 : mayTimeOut(s, m, device) ? 2 : 1),
    blocked: () => 'no Invalidate Request has come',
    op: (_m, alternative) =>
      alternative === 1
        ? {
            ...HARDWARE,
            fn: 'ATC time-out',
            label: 'say nothing until the IOMMU gives up',
            why: 'The IOMMU cannot make a device answer. The ATC has what it had, and the commands behind this one go on.',
          }
        : {
            ...HARDWARE,
            fn: 'Invalidate Completion',
            label: 'drop its ATC entries and say so',
            why: 'The IOMMU has no power over the ATC. Until the device answers, it may use every entry it has.',
          },
    step: (m, alternative, emit) => {
      const start = get(m, a.requestStart, 0)
      const end = get(m, a.requestEnd, 0)
      if (alternative === 1) {
        timeOut(s, m, device, retriesAtc(s.policy))
        emit?.({ type: 'atc-invalidate-timed-out', device, range: rangeNamed(s, [start, end]) })
        return
      }
      const dropped = invalidate(s, m, a, start, end, true)
      const page = get(m, d.page, 0) - 1
      const late = completionUnderWay(s, m, device) && page >= start && page < end
      if (late) for (const column of [a.completion, d.frame, d.writable]) set(m, column, 0, 0)
      for (const column of [a.requestBy, a.requestStart, a.requestEnd]) set(m, column, 0, 0)
      emit?.({ type: 'atc-invalidated', device, range: rangeNamed(s, [start, end]), dropped: dropped + (late ? 1 : 0) })
    },
  }
}

const HARDWARE = { file: 'hardware', stack: [], phase: null } as const

/** What answering touches. No second request comes before the first is answered. */
export function atcFootprint(s: Setup, device: number): Footprint {
  const { resources: r } = s
  const a = known(s.shape.ats[device], `ATC of device ${device}`)
  const d = known(s.shape.devices[device], `device ${device}`)
  const names = (m: Machine, page: number): boolean =>
    page >= get(m, a.requestStart, 0) && page < get(m, a.requestEnd, 0)
  const drops = (m: Machine): boolean =>
    holdsIn(s, m, a, get(m, a.requestStart, 0), get(m, a.requestEnd, 0), true) ||
    (completionUnderWay(s, m, device) && names(m, get(m, d.page, 0) - 1))
  return {
    needs: [{ on: [r.atcRequest(device)], holds: m => requestFrom(s, m, device) >= 0, as: 'knows' }],
    touches: [
      { merges: [r.atcRequest(device), ...span(r.commands, 0, s.cpus.length)] },
      { writes: [r.atc(device)] },
      atOnce({ merges: [r.held] }, drops),
    ],
    only: [],
    circles: undefined,
  }
}
