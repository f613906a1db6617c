import { known } from '../base/assert.ts'
import { completionUnderWay } from '../machine/ats.ts'
import { get, type Machine } from '../machine/cells.ts'
import { BINDING, bindingOf, mmOfPage } from '../machine/pasids.ts'
import { pageLabel, type Setup } from '../machine/setup.ts'
import { STOPPED, WAITING_FOR_CPU } from '../machine/shape.ts'
import type { Actor, OpFacts } from '../threads/actor.ts'
import type { DeviceAccess } from './device.ts'
import { giveUpAccess, hasMoreToSend, nextAsked, sendRequest } from './page-request.ts'

const HARDWARE = { file: 'hardware', stack: [], phase: null } as const

/**
 * A device, with or without ATS, whose page requests wait in a queue: it sends the requests of a group one by one. Work for an address
 * space is there for it once a PASID is bound, and is dropped when its driver tells it to stop using the PASID. Requests that it has sent
 * by then are not taken back: PCIe lets a device stop without waiting for their answers.
 */
export function priDeviceActor(s: Setup, plain: Actor, device: number, script: readonly DeviceAccess[]): Actor {
  const d = known(s.shape.devices[device], `device ${device}`)
  const access = (m: Machine): DeviceAccess | undefined => script[get(m, d.action, 0)]
  const bindingFor = (m: Machine): number => {
    const page = access(m)?.pages[0]
    return page === undefined ? BINDING.bound : bindingOf(s, m, mmOfPage(s, page))
  }
  const stopped = (m: Machine): boolean => get(m, d.stage, 0) === STOPPED
  const mustStop = (m: Machine): boolean => bindingFor(m) === BINDING.leaving || bindingFor(m) === BINDING.givenUp
  const waitsForWork = (m: Machine): boolean => access(m) !== undefined && bindingFor(m) === BINDING.absent
  /** Between two steps at which it can drop what it does: it has no walk under way, no translation on its way, no group half sent. */
  const canStop = (m: Machine): boolean => {
    const stage = get(m, d.stage, 0)
    return (stage === 0 || stage === WAITING_FOR_CPU) && !completionUnderWay(s, m, device)
  }
  const stops = (m: Machine): boolean => access(m) !== undefined && !stopped(m) && mustStop(m) && canStop(m)

  const opOf = (m: Machine): OpFacts | undefined => {
    if (hasMoreToSend(s, m, device))
      return {
        ...HARDWARE,
        fn: 'Page Request',
        label: `ask for ${pageLabel(s, nextAsked(s, m, device))} too`,
        why: 'A group is answered when its Last request has been read, and as a whole.',
      }
    if (stops(m))
      return {
        ...HARDWARE,
        fn: 'PASID stop',
        label: 'drop its work for a PASID that it must not use any more',
        why: 'It does not wait for answers to requests that it has sent. They stay in the queue.',
      }
    return undefined
  }

  return {
    ...plain,
    ready: m => {
      if (hasMoreToSend(s, m, device) || stops(m)) return 1
      return waitsForWork(m) ? 0 : plain.ready(m)
    },
    blocked: m => (waitsForWork(m) ? 'its next work is for a PASID that is not bound yet' : plain.blocked(m)),
    op: (m, alternative) => opOf(m) ?? plain.op(m, alternative),
    step: (m, alternative, emit) => {
      if (hasMoreToSend(s, m, device)) {
        sendRequest(s, m, device, known(access(m), 'an access').write, emit)
      } else if (stops(m)) {
        giveUpAccess(s, m, device)
        emit?.({ type: 'device-work-dropped', device })
      } else {
        plain.step(m, alternative, emit)
      }
    },
  }
}

/** The device has stopped using the PASID of this mm: no access to it is under way. */
export function hasStopped(s: Setup, m: Machine, device: number, mm: number): boolean {
  const d = known(s.shape.devices[device], `device ${device}`)
  const page = get(m, d.page, 0) - 1
  return page < 0 || mmOfPage(s, page) !== mm || get(m, d.stage, 0) === STOPPED
}
