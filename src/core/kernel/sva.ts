import { ROOT } from '../device/device.ts'
import { commandsDone, fixedPages, roomInQueue, submits } from '../device/footprints.ts'
import { namedFor, retryTimedOut, submit, submitAtOnce } from '../device/invalidation-queue.ts'
import { hasStopped } from '../device/pri-device.ts'
import type { Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { groupCount, pageRequests, prqOverflowed } from '../machine/page-requests.ts'
import { BINDING, bindingOf, isAttached, mmOfPage, setBinding, setNesting, setPasidRoot } from '../machine/pasids.ts'
import type { Setup } from '../machine/setup.ts'
import type { Need } from '../threads/footprint.ts'
import type { PhaseView } from '../threads/phase.ts'
import { omitting } from '../threads/program.ts'
import { completionSpecs, goesAgain, roomForAgain } from './completion-wait.ts'
import { mmOf, type Task } from './task.ts'

const PASID_C = 'drivers/iommu/intel/pasid.c'
const PRQ_C = 'drivers/iommu/intel/prq.c'

/**
 * iommu_sva_unbind_device(), iommu_sva_bind_device(): an mm gives its PASID up, and an mm gets one.
 *
 * Kernel: drivers/iommu/iommu-sva.c; intel_pasid_tear_down_entry() drivers/iommu/intel/pasid.c, then intel_iommu_drain_pasid_prq()
 * drivers/iommu/intel/prq.c (intel_svm_drain_prq() when it came, 5.8): the queue, the workqueue, the hardware, in this order. Before, the
 * driver demanded that no page fault be outstanding. That the device stops first is the duty of the device's driver.
 * Simplified: one device after the other is not told apart; the number is free when the unbind is done, where kernels from 5.18 on keep it
 * until the mm is gone; the PASID cache of the IOMMU is never stale.
 */
export function svaUnbind(t: Task): void {
  const { asm, s } = t
  const mm = mmOf(t)
  const pasid = s.pasids[t.mm] ?? 0
  const drain = s.policy.pasidDrain
  asm.within('iommu_sva_unbind_device', () => {
    asm.beginPhase(work('stop', 'stop the device', 'it makes no more accesses'))
    asm.op({
      fn: 'stop the device',
      file: 'driver of the device',
      label: `tell the device to stop using PASID ${pasid}`,
      why: 'An unbind may begin only when the device makes no more accesses under the PASID. The driver of the device sees to that.',
      run: (m, emit, next) => {
        setBinding(s, m, t.mm, BINDING.leaving)
        emit?.({ type: 'pasid-leaving', pasid, mm: mm.name })
        return next
      },
    })
    asm.op({
      fn: 'wait for the device',
      file: 'driver of the device',
      label: 'see that the device has stopped',
      why: 'Its page requests are in the queue by now. Their answers it need not wait for.',
      needs: [when(m => s.devices.every((_, device) => hasStopped(s, m, device, t.mm)))],
      blocked: m =>
        `${s.devices.find((_, d) => !hasStopped(s, m, d, t.mm))?.name ?? 'a device'} is still using the PASID`,
      run: (_m, _emit, next) => next,
      without: [omitting('the wait until the device has stopped')],
    })
    tearDown(t, pasid, drain !== 'none')
    if (drain === 'full') drainRequests(t, pasid)
    else asm.skipPhase({ ...DRAIN, kind: 'hole' })
    asm.beginPhase(work('free', 'free_pasid', 'the number may be another’s'))
    asm.op({
      fn: 'iommu_free_global_pasid',
      file: 'drivers/iommu/iommu.c',
      label: `give PASID ${pasid} back`,
      why: 'From here on another address space may get the same number.',
      run: (m, emit, next) => {
        setBinding(s, m, t.mm, BINDING.givenUp)
        emit?.({ type: 'pasid-given-up', pasid, mm: mm.name })
        return next
      },
    })
  })
}

const work = (id: string, title: string, note: string): PhaseView => ({ id, title, note, kind: 'work', amber: false })
const DRAIN = work('drain', 'drain_pasid_prq', 'queue, workers, hardware')

const when = (holds: (m: Machine) => boolean): Need => ({ on: [], holds, as: 'reads' })

/** The PASID entry is cleared, and what the IOMMU and the devices have under the PASID is dropped. */
function tearDown(t: Task, pasid: number, flushes: boolean): void {
  const { asm, s } = t
  const { name, first, end } = mmOf(t)
  const clear = (m: Machine, next: number, emit?: Emit): number => {
    setPasidRoot(s, m, t.mm, ROOT.none)
    setNesting(s, m, t.mm, 0)
    emit?.({ type: 'pasid-torn-down', pasid, mm: name })
    return next
  }
  asm.beginPhase(work('tear-down', 'tear_down_entry', flushes ? 'entry and caches' : 'the entry alone'))
  asm.op({
    fn: 'intel_pasid_tear_down_entry',
    file: PASID_C,
    label: flushes ? `clear the entry of PASID ${pasid}, and queue a flush` : `clear the entry of PASID ${pasid}`,
    why: 'No walk begins from here on. What was walked before lies in the IOTLB and in ATCs, under a number that others may get.',
    needs: flushes ? [roomInQueue(s)] : [],
    blocked: () => 'the invalidation queue is full',
    run: (m, emit, next) => {
      clear(m, next, emit)
      if (flushes) submit(s, m, t.cpu, namedFor(s, t.mm, 'all'), false, emit)
      return next
    },
    touches: flushes ? submits(s, t.cpu, fixedPages(first, end), () => false) : [],
    without: flushes ? [omitting('the flush of the PASID', (m, emit, next) => clear(m, next, emit))] : [],
  })
  if (flushes)
    for (const spec of completionSpecs(t, { ...fixedPages(first, end), all: () => true }, () => false)) asm.op(spec)
}

/** intel_iommu_drain_pasid_prq(): the queue, the workqueue, then what is on its way in hardware. */
function drainRequests(t: Task, pasid: number): void {
  const { asm, s } = t
  const { first, end } = mmOf(t)
  asm.beginPhase(DRAIN)
  asm.within('intel_iommu_drain_pasid_prq', () => {
    asm.op({
      fn: 'wait_for_completion',
      file: PRQ_C,
      label: `see that no request under PASID ${pasid} is in the queue`,
      why: 'A request is looked at when it is taken out, and goes to whom the PASID belongs to then.',
      needs: [when(m => !pageRequests(s, m).some(r => mmOfPage(s, r.page) === t.mm))],
      blocked: () => 'the PRQ thread has not taken them out yet',
      run: (_m, emit, next) => {
        emit?.({ type: 'pasid-drained', pasid, what: 'queue' })
        return next
      },
      without: [omitting('the wait for the page request queue')],
    })
    asm.op({
      fn: 'iopf_queue_flush_dev',
      file: 'drivers/iommu/io-pgfault.c',
      label: 'wait until all groups are handled',
      why: 'A group points at the domain of its PASID, and the domain is freed with the unbind.',
      needs: [when(m => groupCount(s, m) === 0)],
      blocked: () => 'the fault worker has a group to handle',
      run: (_m, emit, next) => {
        emit?.({ type: 'pasid-drained', pasid, what: 'work' })
        return next
      },
      without: [omitting('the wait for the fault worker')],
    })
    asm.op({
      fn: 'qi_submit_sync',
      file: 'drivers/iommu/intel/dmar.c',
      label: 'queue a fence, an IOTLB flush, a Dev-TLB flush, and a wait that drains page requests',
      why: 'What was answered to page requests meanwhile must not leave an entry behind.',
      needs: [roomInQueue(s)],
      blocked: () => 'the invalidation queue is full',
      run: (m, emit, next) => {
        submitAtOnce(s, m, t.cpu, namedFor(s, t.mm, 'all'), false, emit)
        return next
      },
      without: [omitting('the last flush')],
      touches: submits(s, t.cpu, fixedPages(first, end), () => false),
    })
    asm.op({
      fn: 'qi_submit_sync',
      file: 'drivers/iommu/intel/dmar.c',
      label: 'see that the hardware is drained, and no overflow is left',
      why: 'After an overflow parts of groups may be left in software: the drain is repeated until it is cleared.',
      needs: [commandsDone(s, t.cpu), ...roomForAgain(s, t.cpu), when(m => !prqOverflowed(s, m))],
      blocked: m =>
        prqOverflowed(s, m) ? 'the overflow is not cleared yet' : 'the IOMMU has not executed the invalidate yet',
      run: (m, emit, next) => {
        if (retryTimedOut(s, m, t.cpu, emit)) return next - 1
        emit?.({ type: 'pasid-drained', pasid, what: 'hardware' })
        return next
      },
      without: [omitting('the wait for the hardware')],
      ...goesAgain(s),
    })
  })
}

/** Nobody else has the number of this PASID. */
const isFree = (s: Setup, m: Machine, mm: number): boolean =>
  s.mms.every((_, other) => other === mm || s.pasids[other] !== s.pasids[mm] || !isAttached(s, m, other))

/** iommu_sva_bind_device(): devices reach the mm by its PASID, once nobody else has the number. */
export function svaBind(t: Task): void {
  const { asm, s } = t
  const { name } = mmOf(t)
  const pasid = s.pasids[t.mm] ?? 0
  asm.beginPhase(work('bind', 'attach_device_pasid', 'devices reach its memory'))
  asm.within('iommu_sva_bind_device', () => {
    asm.op({
      fn: 'iommu_attach_device_pasid',
      file: 'drivers/iommu/iommu.c',
      label: `bind PASID ${pasid} to the page table of ${name}`,
      why: 'Nothing is flushed here: whoever had the number before must have left nothing behind.',
      needs: [when(m => isFree(s, m, t.mm))],
      blocked: () => `PASID ${pasid} is not free yet`,
      run: (m, emit, next) => {
        setBinding(s, m, t.mm, BINDING.bound)
        setPasidRoot(s, m, t.mm, ROOT.real)
        emit?.({ type: 'pasid-bound', pasid, mm: name })
        return next
      },
    })
  })
}

/** The app is bound from the start, and so is every mm that no script binds. */
export const startBindings = (s: Setup, m: Machine, binds: (mm: number) => boolean): void => {
  for (const mm of s.mms.keys()) {
    if (bindingOf(s, m, mm) !== BINDING.absent || binds(mm)) continue
    setBinding(s, m, mm, BINDING.bound)
    setPasidRoot(s, m, mm, ROOT.real)
  }
}
