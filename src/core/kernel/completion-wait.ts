import { dialectOf } from '../device/commands/encode.ts'
import { commandsDone, named, type PagesAt, roomInQueue, submits } from '../device/footprints.ts'
import { namedFor, retryTimedOut, roomToRetry, submitRest, twoRounds } from '../device/invalidation-queue.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import type { Setup } from '../machine/setup.ts'
import type { Need } from '../threads/footprint.ts'
import { type OpSpec, omitting } from '../threads/program.ts'
import type { Task } from './task.ts'

/*
 * How a driver waits for the commands that it has queued: qi_submit_sync() drivers/iommu/intel/dmar.c, iommu_completion_wait()
 * drivers/iommu/amd/iommu.c, arm_smmu_cmdq_issue_cmdlist() with sync drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c.
 */

/** The empty-table driver keeps its lock on the PASID until the flush is complete. */
export const driverLocks = (t: Task): boolean => t.s.policy.driver === 'empty-table'

/**
 * What comes after submit(): the wait for what it has queued; where the driver waits between IOTLB and ATCs, also the rest of its commands,
 * and the wait for them. The range and the kind are asked for again, so they must not change before that.
 */
export function completionSpecs(t: Task, range: PagesAt, leafOnly: (m: Machine) => boolean): OpSpec[] {
  return twoRounds(t.s) ? [waitSpec(t), restSpec(t, range, leafOnly), completionSpec(t)] : [completionSpec(t)]
}

/** The driver’s wait for what it has queued, the last of a flush. */
function completionSpec(t: Task): OpSpec {
  const { s } = t
  const { pasidLock } = s.shape.iommu
  const unlock = (m: Machine): void => {
    if (get(m, pasidLock, 0) === t.holder) set(m, pasidLock, 0, 0)
  }
  return {
    ...waitSpec(t, unlock),
    touches: driverLocks(t)
      ? [
          { knows: [s.resources.pasidLock] },
          { writes: [s.resources.pasidLock], now: m => get(m, pasidLock, 0) === t.holder },
        ]
      : [{ knows: [s.resources.pasidLock] }],
  }
}

/** A wait for the IOMMU; `also` is done however it ends. */
export function waitSpec({ s, cpu }: Task, also: (m: Machine) => void = () => {}): OpSpec {
  const dialect = dialectOf(s.policy)
  return {
    fn: dialect?.waits.fn ?? 'completion wait',
    file: dialect?.waits.file ?? 'drivers/iommu',
    label: dialect === undefined ? 'see that the IOMMU has done it' : `see the ${dialect.wait} done`,
    why: 'A queued command is a wish. Only its completion says that the entries are gone.',
    needs: [commandsDone(s, cpu), ...roomForAgain(s, cpu)],
    blocked: () => 'the IOMMU has not executed the invalidate yet',
    run: (m, emit, next) => {
      if (retryTimedOut(s, m, cpu, emit)) return next - 1
      also(m)
      waitDone(s.policy, emit)
      return next
    },
    without: [
      omitting('the wait for the IOMMU', (m, _emit, next) => {
        also(m)
        return next
      }),
    ],
    ...goesAgain(s),
  }
}

/** Where a device may leave an Invalidate Request unanswered, what timed out is queued once more, and waited for. */
export const goesAgain = (s: Setup): Pick<OpSpec, 'goes'> =>
  s.shape.sizes.features.atcTimeouts ? { goes: ['next', 'again'] } : {}

export const roomForAgain = (s: Setup, cpu: number): Need[] =>
  s.shape.sizes.features.atcTimeouts
    ? [{ on: [s.resources.queueRoom], holds: m => roomToRetry(s, m, cpu), as: 'misses' }]
    : []

function waitDone(policy: Task['s']['policy'], emit?: Emit): void {
  const wait = dialectOf(policy)?.wait
  emit?.({ type: 'invalidation-completed', ...(wait === undefined ? {} : { wait }) })
}

function restSpec(t: Task, range: PagesAt, leafOnly: (m: Machine) => boolean): OpSpec {
  const { s } = t
  const atcs = s.policy.invalidateOrder === 'iotlb-first'
  return {
    fn: 'submit the rest',
    file: 'drivers/iommu',
    label: `queue the invalidate of the ${atcs ? 'ATCs' : 'IOTLB'}`,
    why: atcs
      ? 'The IOTLB is clean by now: a device that asks again is answered from the page table.'
      : 'The ATCs are flushed by now, and the IOTLB is not: a device that asks again may be answered from a stale entry.',
    needs: [roomInQueue(s)],
    touches: submits(s, t.cpu, range, leafOnly),
    blocked: () => 'the invalidation queue is full',
    run: (m, emit, next) => {
      const [start, end] = range.at(m)
      if (end > start) submitRest(s, m, t.cpu, namedFor(s, t.mm, named(range, m)), leafOnly(m), emit)
      return next
    },
    without: [omitting(`the invalidate of the ${atcs ? 'ATCs' : 'IOTLB'}`)],
  }
}
