import { known } from '../base/assert.ts'
import { completionUnderWay, requestFrom } from '../machine/ats.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { span } from '../machine/resources.ts'
import type { Setup } from '../machine/setup.ts'
import { holdsIn, invalidate } from '../machine/tlb.ts'
import type { Actor } from '../threads/actor.ts'
import { atOnce, type Footprint } from '../threads/footprint.ts'
import { commandRange } from './invalidation-queue.ts'

/**
 * The part of a device that answers Invalidate Requests: it drops what the request names, forgets a Translation Completion for these
 * pages that has not arrived yet, and sends the Invalidate Completion for which the driver waits.
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
    ready: m => (requestFrom(s, m, device) < 0 ? 0 : 1),
    blocked: () => 'no Invalidate Request has come',
    op: () => ({
      fn: 'Invalidate Completion',
      file: 'hardware',
      stack: [],
      phase: null,
      label: 'drop its ATC entries and say so',
      why: 'The IOMMU has no power over the ATC. Until the device answers, it may use every entry it has.',
    }),
    step: (m, _alternative, emit) => {
      const start = get(m, a.requestStart, 0)
      const end = get(m, a.requestEnd, 0)
      const dropped = invalidate(s, m, a, start, end, true)
      const page = get(m, d.page, 0) - 1
      const late = completionUnderWay(s, m, device) && page >= start && page < end
      if (late) for (const column of [a.completion, d.frame, d.writable]) set(m, column, 0, 0)
      for (const column of [a.requestBy, a.requestStart, a.requestEnd]) set(m, column, 0, 0)
      emit?.({ type: 'atc-invalidated', device, range: commandRange(s, start, end), dropped: dropped + (late ? 1 : 0) })
    },
  }
}

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
