import { mightSleep } from '../../kernel/might-sleep.ts'
import type { Task } from '../../kernel/task.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { putPage } from '../../machine/frames.ts'
import { gpuHolder, holdsAny, lockGpu } from '../../machine/gpu.ts'
import { setStartRefused } from '../../machine/refusals.ts'
import { omitting } from '../../threads/program.ts'
import type { NotifierCall } from '../consumer.ts'
import { clearGpuPtes, type Gpu, intelGtInvalidateTlbs, lockBlocked, who } from './device.ts'

/**
 * start() of a driver of user pointers: whatever of these pages its GPU has goes, and their references are dropped. It needs a mutex
 * and waits for the GPU, so it sleeps; where it must not, it answers -EAGAIN if there is anything to do. It has no end(), since it makes
 * nothing by itself that would have to be kept away until then.
 *
 * Kernel: userptr_mn_invalidate_range_start() drivers/gpu/drm/i915/gem/i915_gem_userptr.c, as it was until it became an interval notifier;
 * amdgpu_mn_invalidate_page() drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c, up to 4.12. Both read in versions of those years.
 * Simplified: that the GPU is idle is not waited for. A page that the driver binds between start() and the clear of its PTE stays bound:
 * the reference keeps its frame.
 */
export function userptrStart(v: Gpu, t: Task, { lo, hi, nonblock, single }: NotifierCall): void {
  const { asm } = t
  const { s, facts, k } = v
  const after = asm.label()
  const fn = single === true ? 'amdgpu_mn_invalidate_page' : 'userptr_mn_invalidate_range_start'
  const file =
    single === true ? 'drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c' : 'drivers/gpu/drm/i915/gem/i915_gem_userptr.c'
  const bound = (m: Machine): boolean => holdsAny(k, m, lo, hi)
  const ready = (m: Machine): boolean => !bound(m) || gpuHolder(k, m) === 0
  const begin = (m: Machine, emit: Emit | undefined, next: number): number => {
    if (!bound(m)) return after.at
    const where = nonblock === undefined ? '' : 'this start() must not block'
    mightSleep(t, m, { who: facts.name, what: 'the start()', where }, emit)
    lockGpu(k, m, t.holder)
    return next
  }

  asm.within(fn, () => {
    const nothing = `find nothing of ${facts.name} bound there`
    if (nonblock === undefined) {
      asm.op({
        fn,
        file,
        label: m => (bound(m) ? `take the mutex of ${facts.name}’s driver` : nothing),
        why: 'The callback may have to sleep for the mutex, and for the GPU: whoever calls it must hold no spinlock.',
        needs: [{ on: [s.resources.openPairs], holds: ready, as: 'reads' }],
        blocked: lockBlocked(v),
        run: begin,
        goes: ['next', after],
      })
    } else {
      asm.op({
        fn,
        file,
        label: m => (bound(m) ? `answer -EAGAIN: pages are bound, and to unbind them is to sleep` : nothing),
        why: 'The caller said that it must not block. Whoever cannot do without can only refuse.',
        run: (m, emit) => {
          if (bound(m)) {
            setStartRefused(s.shape, m, t.cpu, true)
            emit?.({ type: 'start-refused', ...who(v) })
          }
          return after.at
        },
        goes: [after, 'next'],
        without: [omitting('the answer -EAGAIN', begin, { ready })],
      })
    }
    asm.op({
      fn: 'i915_gem_object_unbind',
      file: 'drivers/gpu/drm/i915/i915_gem.c',
      label: `clear the GPU’s PTEs`,
      why: 'The GPU walks its page table only on a miss. What its TLB has it keeps.',
      run: (m, emit, next) => {
        clearGpuPtes(v, m, lo, hi, emit)
        return next
      },
    })
    if (s.policy.driverFlushBeforePut) intelGtInvalidateTlbs(v, asm)
    asm.op({
      fn: '__i915_gem_object_put_pages',
      file: 'drivers/gpu/drm/i915/gem/i915_gem_pages.c',
      label: 'drop the references to the pages, and the mutex',
      why: 'From here on the frames are kept by the process’s mappings alone, which are about to go.',
      run: (m, emit, next) => {
        for (let page = lo; page < hi; page++) {
          const pfn = get(m, k.held, page) - 1
          if (pfn < 0) continue
          set(m, k.held, page, 0)
          putPage(s, m, pfn, emit)
        }
        lockGpu(k, m, 0)
        return next
      },
    })
  })
  asm.place(after)
}
