import { known } from '../base/assert.ts'
import { completionUnderWay } from '../machine/ats.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { noteAccess } from '../machine/damage.ts'
import type { Emit, Translator } from '../machine/event.ts'
import { pageLabel, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import { tlbFill, tlbLookup, tlbPfnFor, tlbWritable } from '../machine/tlb.ts'
import type { Actor } from '../threads/actor.ts'
import { type DeviceAccess, deviceActor } from './device.ts'

/**
 * A device with ATS. It looks its own ATC up first, and what it finds there it uses without asking anybody: a translated request. On a
 * miss it sends a Translation Request; the IOMMU answers from its IOTLB, or after a walk. The Translation Completion is on its way for
 * a step, and is not used when an Invalidate Request for the page comes first. The rest is as in a device without ATS.
 *
 * PCIe: Address Translation Services. Simplified: a translated request and its memory access are one step, so an Invalidate Completion
 * never has to wait for one; one request at a time.
 */
export function atsDeviceActor(s: Setup, id: number, index: number, script: readonly DeviceAccess[]): Actor {
  const plain = deviceActor(s, id, index, script)
  const d = known(s.shape.devices[index], `device ${index}`)
  const atc = known(s.shape.ats[index], `ATC of device ${index}`)
  const by: Translator = { kind: 'device', index }
  const iommu: Translator = { kind: 'iommu' }
  const writer = s.cpus.length + index + 1
  const access = (m: Machine): DeviceAccess | undefined => script[get(m, d.action, 0)]
  const pageOf = (m: Machine, a: DeviceAccess, alternative: number): number =>
    get(m, d.page, 0) === 0 ? (a.pages[alternative] ?? 0) : get(m, d.page, 0) - 1
  /** Its own part: the ATC, and the completion. A walk, or a page request, is the other's. */
  const looksUp = (m: Machine): boolean => get(m, d.stage, 0) === 0

  function complete(m: Machine, page: number, emit?: Emit): void {
    const pfn = get(m, d.frame, 0)
    const writable = get(m, d.writable, 0) === 1
    tlbFill(s, m, atc, page, pfn, writable)
    for (const column of [atc.completion, d.frame, d.writable]) set(m, column, 0, 0)
    emit?.({ type: 'tlb-filled', by, vpn: pageVpn(s, page), pfn: toPfn(pfn), writable })
  }

  function lookUp(m: Machine, a: DeviceAccess, page: number, alternative: number, emit?: Emit): void {
    const own = tlbLookup(s, m, atc, page, a.write)
    if (own !== 0) {
      const pfn = tlbPfnFor(s, own, page)
      emit?.({ type: 'tlb-hit', by, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
      emit?.({ type: 'device-accessed', device: index, vpn: pageVpn(s, page), pfn: toPfn(pfn), write: a.write })
      noteAccess(s, m, by, page, pfn, a.write, writer, emit)
      add(m, d.action, 0, 1)
      set(m, d.page, 0, 0)
      return
    }
    emit?.({ type: 'translation-requested', device: index, vpn: pageVpn(s, page), write: a.write })
    const entry = tlbLookup(s, m, s.shape.iommu, page, a.write)
    if (entry === 0) {
      plain.step(m, alternative, emit)
      return
    }
    const pfn = tlbPfnFor(s, entry, page)
    set(m, d.page, 0, page + 1)
    set(m, d.frame, 0, pfn)
    set(m, d.writable, 0, tlbWritable(entry) ? 1 : 0)
    set(m, atc.completion, 0, 1)
    emit?.({ type: 'tlb-hit', by: iommu, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
  }

  return {
    ...plain,
    op: (m, alternative) => {
      const a = access(m)
      if (a === undefined || !looksUp(m)) return plain.op(m, alternative)
      const page = pageOf(m, a, alternative)
      const label = pageLabel(s, page)
      const base = { file: 'hardware', stack: [], phase: null }
      if (completionUnderWay(s, m, index)) {
        return {
          ...base,
          fn: 'Translation Completion',
          label: `take the translation of ${label} into the ATC`,
          why: 'From here on the device uses it without asking the IOMMU. Only an Invalidate Request takes it away again.',
        }
      }
      return tlbLookup(s, m, atc, page, a.write) !== 0
        ? {
            ...base,
            fn: 'translated request',
            label: `${a.write ? 'write' : 'read'} ${label} through the ATC`,
            why: 'A translated request goes to memory as it is. Neither the IOTLB nor the page table is looked at.',
          }
        : {
            ...base,
            fn: 'Translation Request',
            label: `ask the IOMMU for ${label}`,
            why: 'The IOMMU answers from its IOTLB if it can. If that entry is stale, so is the answer.',
          }
    },
    step: (m, alternative, emit) => {
      if (!looksUp(m)) {
        plain.step(m, alternative, emit)
        return
      }
      const a = known(access(m), 'an access')
      const page = pageOf(m, a, alternative)
      if (completionUnderWay(s, m, index)) complete(m, page, emit)
      else lookUp(m, a, page, alternative, emit)
    },
  }
}
