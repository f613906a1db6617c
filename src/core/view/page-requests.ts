import { ROOT } from '../device/device.ts'
import { pgdFrame } from '../device/walk.ts'
import type { Machine } from '../machine/cells.ts'
import {
  type PageRequest,
  pageRequests,
  partialRequests,
  priIsOff,
  prqOverflowed,
  requestGroups,
} from '../machine/page-requests.ts'
import { bindingOf, hasPasids, isAttached, mmOfPage, pasidRoot } from '../machine/pasids.ts'
import { pageLabel, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import type { WalkerColumns } from '../machine/shape.ts'
import { entriesOf, tlbFirst } from '../machine/tlb.ts'
import { tlbViews } from './entries.ts'
import type { PageRequestsView, PageRequestView, PasidView, TlbEntryView } from './world.ts'

const nameOf = (s: Setup, device: number): string => s.devices[device]?.name ?? ''

/** PASID of a page, where there are several address spaces to tell apart. */
const tagOf = (s: Setup, page: number): { readonly pasid?: number } =>
  hasPasids(s) ? { pasid: s.pasids[mmOfPage(s, page)] ?? 0 } : {}

/** Entries of the IOTLB or of an ATC, with their PASIDs. */
export const deviceTlbViews = (s: Setup, m: Machine, w: WalkerColumns): TlbEntryView[] => {
  const entries = entriesOf(m, w.tlb)
  return tlbViews(s, m, w).map((view, i) => {
    const page = tlbFirst(s, entries[i] ?? 0)
    return { ...view, ...tagOf(s, page), ...(isLeftBehind(s, m, page) ? { state: 'stale' } : {}) }
  })
}

/** Its PASID is unbound: no entry for it may be there any more, whatever the page table says. */
const isLeftBehind = (s: Setup, m: Machine, page: number): boolean =>
  hasPasids(s) && !isAttached(s, m, mmOfPage(s, page))

const requestView = (s: Setup, r: PageRequest): PageRequestView => ({
  device: nameOf(s, r.device),
  vpn: pageVpn(s, r.page),
  label: pageLabel(s, r.page),
  write: r.write,
  group: r.group,
  last: r.last,
  ...tagOf(s, r.page),
})

export const pageRequestsView = (s: Setup, m: Machine): PageRequestsView => ({
  queue: pageRequests(s, m).map(r => requestView(s, r)),
  capacity: s.shape.prq.length,
  overflow: prqOverflowed(s, m),
  partial: s.devices.flatMap((_, device) => partialRequests(s, m, device).map(r => requestView(s, r))),
  groups: requestGroups(s, m).map(g => ({
    device: nameOf(s, g.device),
    group: g.group,
    pages: g.pages.map(page => pageLabel(s, page)),
  })),
  mayNotAsk: s.devices.flatMap((d, device) => (priIsOff(s, m, device) ? [d.name] : [])),
})

const STATES = ['not bound', 'bound', 'being unbound', 'given up'] as const

export const pasidViews = (s: Setup, m: Machine): PasidView[] =>
  s.mms.map((mm, i) => {
    const root = pasidRoot(s, m, i)
    return {
      pasid: s.pasids[i] ?? 0,
      mm: mm.name,
      state: STATES[bindingOf(s, m, i)] ?? 'not bound',
      root: root === ROOT.real ? 'real' : root === ROOT.empty ? 'empty' : 'none',
      rootPfn: root === ROOT.real ? toPfn(pgdFrame(s, m, i)) : null,
    }
  })
