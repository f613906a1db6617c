import type { Vpn } from '../../units.ts'
import type { Tellings } from './telling.ts'

type Response = 'success' | 'invalid' | 'failure'

/** What becomes of page requests where they wait in a queue, and of PASIDs. */
export type PageRequestEvent =
  | { readonly type: 'page-request-misdelivered'; readonly device: number; readonly vpn: Vpn; readonly to: Vpn }
  | { readonly type: 'domain-used-after-free'; readonly device: number; readonly vpn: Vpn }
  | {
      readonly type: 'page-request-lost'
      readonly device: number
      readonly vpn: Vpn
      readonly write: boolean
      readonly answered: boolean
    }
  | { readonly type: 'prq-overflow-cleared'; readonly discarded: number }
  | {
      readonly type: 'page-request-queued'
      readonly device: number
      readonly vpn: Vpn
      readonly write: boolean
      readonly group: number
      readonly last: boolean
    }
  | { readonly type: 'page-request-taken'; readonly device: number; readonly vpn: Vpn; readonly group: number }
  | {
      readonly type: 'page-group-complete'
      readonly device: number
      readonly group: number
      readonly pages: readonly Vpn[]
    }
  | {
      readonly type: 'page-response-ignored'
      readonly device: number
      readonly group: number
      readonly response: Response
    }
  | { readonly type: 'page-request-forbidden'; readonly device: number; readonly vpn: Vpn }
  | { readonly type: 'pri-disabled'; readonly device: number }
  | { readonly type: 'device-work-dropped'; readonly device: number }
  | { readonly type: 'pasid-leaving'; readonly pasid: number; readonly mm: string }
  | { readonly type: 'pasid-torn-down'; readonly pasid: number; readonly mm: string }
  | { readonly type: 'pasid-drained'; readonly pasid: number; readonly what: 'queue' | 'work' | 'hardware' }
  | { readonly type: 'pasid-given-up'; readonly pasid: number; readonly mm: string }
  | { readonly type: 'pasid-bound'; readonly pasid: number; readonly mm: string }

export const pageRequestTellings: Tellings<PageRequestEvent> = {
  'page-request-misdelivered': {
    caption: (e, n) =>
      `a request of ${n.device(e.device)} for ${n.page(e.vpn)} is taken for one for ${n.page(e.to)}: its PASID is another’s now`,
    mark: () => 'wrong process',
    tone: 'damage',
    also: true,
    why: 'A page request names a PASID and an address. Whose the PASID was when it was sent, it does not say.',
  },
  'domain-used-after-free': {
    caption: (e, n) =>
      `the group of ${n.device(e.device)} with ${n.page(e.vpn)} is handled after the unbind: its domain has been freed`,
    mark: () => 'use after unbind',
    tone: 'damage',
    also: true,
    why: 'A group keeps a pointer to the domain of its PASID. The unbind frees it, and has to wait for groups before.',
  },
  'page-request-lost': {
    caption: (e, n) =>
      `${n.device(e.device)} asks for ${n.page(e.vpn)}, and the page request queue has no room: ${e.answered ? 'the IOMMU answers Success, so that it tries again' : 'the request is lost'}`,
    mark: () => 'overflow',
    tone: 'unmapped',
  },
  'prq-overflow-cleared': {
    caption: e =>
      `clears the overflow and forgets ${e.discarded === 0 ? 'no request' : e.discarded === 1 ? 'one request' : `${e.discarded} requests`} without a Last`,
    mark: () => 'overflow cleared',
    tone: 'invalidated',
  },
  'page-request-queued': {
    caption: (e, n) =>
      `${n.device(e.device)} asks for ${n.page(e.vpn)}, group ${e.group}${e.last ? ', the last of it' : ''}`,
    mark: () => 'request',
    tone: 'neutral',
  },
  'page-group-complete': {
    caption: (e, n) =>
      `group ${e.group} of ${n.device(e.device)} is complete: ${e.pages.map(n.page).join(', ') || 'no page'}`,
    mark: e => `group ${e.group}`,
    tone: 'neutral',
  },
  'page-request-taken': {
    caption: (e, n) => `the request for ${n.page(e.vpn)} is kept until the Last of group ${e.group} comes`,
    mark: () => 'part of a group',
    tone: 'neutral',
  },
  'page-response-ignored': {
    caption: (e, n) => `${n.device(e.device)} has given group ${e.group} up: the answer, ${e.response}, means nothing`,
    mark: () => 'late answer',
    tone: 'neutral',
  },
  'page-request-forbidden': {
    caption: (e, n) => `${n.device(e.device)} must not ask for ${n.page(e.vpn)}, and stops`,
    mark: () => 'stopped',
    tone: 'neutral',
  },
  'pri-disabled': {
    caption: (e, n) => `${n.device(e.device)} gives the access up, and asks for no page any more`,
    mark: () => 'PRI off',
    tone: 'neutral',
    also: true,
  },
  'device-work-dropped': {
    caption: (e, n) => `${n.device(e.device)} drops its work for the PASID`,
    mark: () => 'stop',
    tone: 'neutral',
  },
  'pasid-leaving': {
    caption: e => `the device is told to stop using PASID ${e.pasid}, of ${e.mm}`,
    mark: () => 'stop PASID',
    tone: 'neutral',
  },
  'pasid-torn-down': {
    caption: e => `PASID ${e.pasid}, of ${e.mm}, points nowhere`,
    mark: () => 'tear down',
    tone: 'table',
  },
  'pasid-drained': {
    caption: e =>
      ({
        queue: `no request under PASID ${e.pasid} is in the queue`,
        work: `no group of page requests is being handled`,
        hardware: `nothing is on its way under PASID ${e.pasid}`,
      })[e.what],
    mark: () => 'drained',
    tone: 'invalidated',
  },
  'pasid-given-up': {
    caption: e => `PASID ${e.pasid} is ${e.mm}’s no more, and may be given to another`,
    mark: () => 'PASID free',
    tone: 'freed',
  },
  'pasid-bound': {
    caption: e => `PASID ${e.pasid} is ${e.mm}’s: devices reach its memory`,
    mark: () => 'bind',
    tone: 'mapped',
  },
}
