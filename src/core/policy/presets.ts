import type { Arch, DriverKind, KernelId } from '../runs/settings.ts'
import type { Policy } from './policy.ts'

type KernelPreset = Omit<
  Policy,
  'kernel' | 'arch' | 'driver' | 'emptyTableNesting' | 'drainsWalks' | 'invalidateKind' | 'mergeVmas'
>

/** 3.18 and before: start and end, nothing between them, nothing for page tables. */
const before319: KernelPreset = {
  configMmuNotifier: true,
  rangeCallback: false,
  gatherFlushNotifies: false,
  tableFreeNotifies: false,
  endImpliesInvalidate: false,
  archFlushNotifies: false,
  endVmaFlushNotifies: false,
  nestedGatherForcesFlush: false,
  nestedRangeEncoding: 'empty',
  mmapLockDowngrade: 'never',
  tableFree: 'with-pages',
  batchFreeOrder: 'lifo',
}

/** 3.19: 1897bdc4d331 adds an empty function, 34ee645e83b6 calls it, the third patch gives it a callback. */
const series: Readonly<Record<'1of3' | '2of3' | '3of3', KernelPreset>> = {
  // The function exists in both configurations, empty, and nobody calls it yet.
  '1of3': before319,
  '2of3': { ...before319, gatherFlushNotifies: true, tableFreeNotifies: true },
  '3of3': {
    ...before319,
    rangeCallback: true,
    gatherFlushNotifies: true,
    tableFreeNotifies: true,
    endImpliesInvalidate: true,
  },
}

const kernels: Readonly<Record<KernelId, KernelPreset>> = {
  '3.18': before319,
  '3.19-1of3': series['1of3'],
  '3.19-2of3': series['2of3'],
  '3.19': series['3of3'],
  // 4.13 lets a nested gather flush (99baac21e458). What it told the notifier before 5.2 is not verified; taken to be its range.
  '4.15': { ...series['3of3'], nestedGatherForcesFlush: true, nestedRangeEncoding: 'full' },
  // 4.19 mends tlb_end_vma (fd1102f0aade), 4.20 downgrades the lock (dd2283f2605e), 5.2 flushes a nested gather as fullmm (7a30df49f63a).
  '6.1': {
    ...series['3of3'],
    endVmaFlushNotifies: true,
    nestedGatherForcesFlush: true,
    nestedRangeEncoding: 'empty',
    mmapLockDowngrade: 'unless-grows',
  },
  // Lock and free order of this preset are those of the 6.12 recordings; see docs/adr/0008.
  // 6.6: ec8832d007cb takes invalidate_range out of end(), 6bbd42e2df8f puts it into the architectures' flushes.
  '6.6': {
    ...series['3of3'],
    endImpliesInvalidate: false,
    archFlushNotifies: true,
    endVmaFlushNotifies: true,
    nestedGatherForcesFlush: true,
    nestedRangeEncoding: 'full',
    mmapLockDowngrade: 'always',
    batchFreeOrder: 'fifo',
  },
}

/**
 * The driver that a kernel starts with here: the plainest that its callbacks allow. (3.18’s only SVA driver, AMD IOMMUv2, was the
 * empty-table one; it can be chosen.)
 */
export const usualDriver = (kernel: KernelId): DriverKind => (kernels[kernel].rangeCallback ? 'notifier' : 'naive')

/**
 * The driver to go with another kernel: the same, unless the two kernels lie on different sides of invalidate_range, where a
 * driver written for one has nothing to do with the other.
 */
export const driverFor = (
  kernel: KernelId,
  from: { readonly kernel: KernelId; readonly driver: DriverKind },
): DriverKind =>
  kernels[kernel].rangeCallback === kernels[from.kernel].rangeCallback ? from.driver : usualDriver(kernel)

/** The policy of a kernel on an architecture, before any switch is flipped. */
export function presetOf(kernel: KernelId, arch: Arch, driver: DriverKind): Policy {
  const preset = kernels[kernel]
  return {
    ...preset,
    kernel,
    arch,
    driver,
    // arm64 always frees page tables by RCU, having no IPI to wait for; x86 without paravirt does not before 6.14.
    tableFree: arch === 'arm64' ? 'rcu' : preset.tableFree,
    mergeVmas: arch === 'x86',
    emptyTableNesting: 'counter',
    drainsWalks: true,
    invalidateKind: 'non-leaf',
  }
}
