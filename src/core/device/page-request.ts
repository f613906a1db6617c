import { known } from '../base/assert.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { askedFor, hasPrq, priIsOff, queueRequest, setPrqOverflow } from '../machine/page-requests.ts'
import { pageVpn, type Setup } from '../machine/setup.ts'
import { STOPPED, WAITING_FOR_CPU } from '../machine/shape.ts'

/*
 * What a device does about a fault: PCIe Page Request Interface. Where there is a queue, its requests go there, in a group of one for
 * each page that it wants, and the group is answered once. Elsewhere it asks for one page, and waits.
 *
 * Simplified: a request is in the queue as soon as it is sent; a device has one group of its own under way at a time.
 */

/** Success: try again. invalid: do not. failure: do not, and do not ask again. Names as in enum iommu_page_response_code. */
export type ResponseCode = 'success' | 'invalid' | 'failure'

/** A device finds no translation that it may use. */
export function requestPage(s: Setup, m: Machine, device: number, page: number, write: boolean, emit?: Emit): void {
  const d = known(s.shape.devices[device], `device ${device}`)
  if (!hasPrq(s)) {
    set(m, d.stage, 0, WAITING_FOR_CPU)
    emit?.({ type: 'page-requested', device, vpn: pageVpn(s, page), write })
    return
  }
  if (priIsOff(s, m, device)) {
    set(m, d.stage, 0, STOPPED)
    emit?.({ type: 'page-request-forbidden', device, vpn: pageVpn(s, page) })
    return
  }
  set(m, d.stage, 0, WAITING_FOR_CPU)
  const waiting = get(m, s.shape.priWaiting, device)
  let index = 0
  while ((waiting & (1 << index)) !== 0) index++
  set(m, s.shape.priIndex, device, index)
  set(m, s.shape.priWaiting, device, waiting | (1 << index))
  sendRequest(s, m, device, write, emit)
}

/** It has sent some requests of its group, and not all. */
export function hasMoreToSend(s: Setup, m: Machine, device: number): boolean {
  const d = known(s.shape.devices[device], `device ${device}`)
  if (!hasPrq(s) || get(m, d.stage, 0) !== WAITING_FOR_CPU) return false
  return get(m, s.shape.priSent, device) < askedFor(s, device, get(m, d.page, 0) - 1)
}

/** The page that the next request of its group is for. */
export const nextAsked = (s: Setup, m: Machine, device: number): number =>
  get(m, known(s.shape.devices[device], 'device').page, 0) - 1 + get(m, s.shape.priSent, device)

/** Sends the next request of its group. One that finds no room is lost; if it was the Last, the IOMMU answers it with Success. */
export function sendRequest(s: Setup, m: Machine, device: number, write: boolean, emit?: Emit): void {
  const d = known(s.shape.devices[device], `device ${device}`)
  const page = nextAsked(s, m, device)
  const last = get(m, s.shape.priSent, device) + 1 === askedFor(s, device, get(m, d.page, 0) - 1)
  const group = get(m, s.shape.priIndex, device)
  const vpn = pageVpn(s, page)
  add(m, s.shape.priSent, device, 1)
  if (queueRequest(s, m, { device, page, write, group, last })) {
    emit?.({ type: 'page-request-queued', device, vpn, write, group, last })
    return
  }
  setPrqOverflow(s, m, true)
  emit?.({ type: 'page-request-lost', device, vpn, write, answered: last })
  if (last) receiveResponse(s, m, device, group, 'success', emit)
}

/** A PRG Response comes to the device. One for a group that it has given up is taken and means nothing. */
export function receiveResponse(
  s: Setup,
  m: Machine,
  device: number,
  group: number,
  code: ResponseCode,
  emit?: Emit,
): void {
  const d = known(s.shape.devices[device], `device ${device}`)
  const { priWaiting, priIndex, priOff } = s.shape
  set(m, priWaiting, device, get(m, priWaiting, device) & ~(1 << group))
  if (get(m, d.stage, 0) !== WAITING_FOR_CPU || get(m, priIndex, device) !== group) {
    emit?.({ type: 'page-response-ignored', device, group, response: code })
    return
  }
  const vpn = pageVpn(s, get(m, d.page, 0) - 1)
  emit?.({ type: 'page-request-answered', device, vpn, response: code })
  endAsking(s, m, device)
  switch (code) {
    case 'success':
      set(m, d.stage, 0, 0)
      return
    case 'invalid':
      set(m, d.stage, 0, STOPPED)
      emit?.({ type: 'device-stopped', device, vpn })
      return
    case 'failure':
      set(m, priOff, device, 1)
      giveUpAccess(s, m, device)
      emit?.({ type: 'pri-disabled', device })
  }
}

/** The device goes on with the next access of its script. Requests that it has sent stay where they are. */
export function giveUpAccess(s: Setup, m: Machine, device: number): void {
  const d = known(s.shape.devices[device], `device ${device}`)
  endAsking(s, m, device)
  set(m, d.stage, 0, 0)
  set(m, d.page, 0, 0)
  add(m, d.action, 0, 1)
}

function endAsking(s: Setup, m: Machine, device: number): void {
  set(m, s.shape.priSent, device, 0)
  set(m, s.shape.priIndex, device, 0)
}
