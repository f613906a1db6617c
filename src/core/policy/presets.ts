import { known } from '../base/assert.ts'
import { ARCHS, type Arch, type DriverKind, KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import { changeAt, historicValues } from './history.ts'
import type { Policy } from './policy.ts'

const hasRangeCallback = (kernel: KernelId): boolean => changeAt('rangeCallback', kernel).value

/**
 * The driver that a kernel starts with here: the plainest that its callbacks allow. (3.18’s only SVA driver, AMD IOMMUv2, was the
 * empty-table one; it can be chosen.)
 */
export const usualDriver = (kernel: KernelId): DriverKind => (hasRangeCallback(kernel) ? 'notifier' : 'naive')

/**
 * The driver to go with another kernel: the same, unless the two kernels lie on different sides of invalidate_range, where a
 * driver written for one has nothing to do with the other.
 */
export const driverFor = (
  kernel: KernelId,
  from: { readonly kernel: KernelId; readonly driver: DriverKind },
): DriverKind => (hasRangeCallback(kernel) === hasRangeCallback(from.kernel) ? from.driver : usualDriver(kernel))

/** Kernels in which arm64 freed page tables with the pages. */
const BEFORE_RCU: readonly KernelId[] = ['2.6.27', '3.7']

/** The policy of a kernel on an architecture, before any switch is flipped. */
export function presetOf(kernel: KernelId, arch: Arch, driver: DriverKind): Policy {
  const historic = historicValues(kernel)
  return {
    ...historic,
    kernel,
    arch,
    driver,
    // arm64 frees page tables by RCU, having no IPI to wait for: patches of August 2014, in 3.18, which is not verified. x86 without paravirt does not before 6.14.
    tableFree: arch === 'arm64' && !BEFORE_RCU.includes(kernel) ? 'rcu' : historic.tableFree,
    // arm64 before 4.20: __flush_tlb_pgtable() before tlb_remove_entry() of each table, in asm/tlb.h. From which release on is not verified.
    ...(arch === 'arm64' ? { tableBatchInvalidatesFirst: true, singleUserTableShortcut: false } : {}),
    mergeVmas: arch === 'x86',
    emptyTableNesting: 'counter',
    readRetry: 'checked',
    drainsWalks: true,
    invalidateOrder: 'iotlb-first',
    invalidateKind: 'non-leaf',
    commands: 'plain',
    waitBetween: 'as-driver',
    atcTimeout: 'as-driver',
    queueOrder: 'in-order',
    // __flush_tlb_range(), arch/arm64/include/asm/tlbflush.h.
    rangeArgument: arch === 'arm64' ? historic.rangeArgument : 'exact',
    cachesPermissionMiss: arch === 'arm64',
  }
}

/** Whether nothing but the kernel's name differs: then every run is the same. */
export const sameRuns = (a: Policy, b: Policy): boolean =>
  Object.entries(a).every(([field, value]) => field === 'kernel' || b[field as keyof Policy] === value)

/** The oldest kernel in which every run is as in this one: itself, or one from before changes that are not modelled. */
export const firstLike = (kernel: KernelId): KernelId =>
  known(
    KERNEL_IDS.find(other =>
      ARCHS.every(arch => sameRuns(presetOf(other, arch, 'notifier'), presetOf(kernel, arch, 'notifier'))),
    ),
    kernel,
  )
