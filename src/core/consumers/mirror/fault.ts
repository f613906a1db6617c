import { mustCopy } from '../../kernel/cow.ts'
import { itreeBlocked, itreeFree, itreeSeq } from '../../kernel/interval-tree.ts'
import { mmapBlocked, mmapReadLock, mmapReadNeeds, mmapUnlock } from '../../kernel/mmap-lock.ts'
import { faultBlocked, faultReady, handleMmFault, refusal } from '../../kernel/page-fault.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import { DAMAGE, noteAccess, noteDamage } from '../../machine/damage.ts'
import type { Emit } from '../../machine/event.ts'
import { devAllows, devPfn, mkDevPte, overtaken } from '../../machine/mirror.ts'
import { pteAt, ptePfn, ptePresent, pteWrite } from '../../machine/page-table.ts'
import { pageLabel, pageVpn, toPfn } from '../../machine/setup.ts'
import type { ProgramBuilder } from '../../threads/program.ts'
import type { Steps } from '../steps.ts'
import { waitForCopy, wantCopy } from '../wait-for-copy.ts'
import { lockBlocked, lockFree, type Mirror, who } from './device.ts'

/** What a fault of the device does, in order: Q1 to Q4. */
export const FAULT_STEPS = ['access', 'read_begin', 'find the page', 'read_retry', 'program'] as const

/** Nothing of what it has found out counts any more. */
export function forget({ t }: Mirror, m: Machine): void {
  for (const column of [t.seq, t.pfn, t.writable, t.reading, t.outdated]) set(m, column, 0, 0)
}

/**
 * The device touches a page. Where its TLB or its page table has an entry that is all; else it faults, and the driver makes one, by
 * collision and retry: read the sequence, find the page without any lock of the driver, and under the lock see whether it was told of an
 * invalidation meanwhile.
 *
 * Kernel: mmu_interval_read_begin() mm/mmu_notifier.c; hmm_range_fault() mm/hmm.c; mmu_interval_read_retry()
 * include/linux/mmu_notifier.h; ib_umem_odp_map_dma_and_lock() drivers/infiniband/core/umem_odp.c. As in 6.12.
 * Simplified: the device and the driver's fault handler are one thread; the handler tries again without a time limit; hmm_range_fault()
 * finds one page at a time, its look at the sequence, which only saves work, is left out, and a fault and the look-up after it are one step.
 */
export function deviceAccess(
  v: Mirror,
  asm: ProgramBuilder,
  steps: Steps,
  { page, write }: { readonly page: number; readonly write: boolean },
): void {
  const { s, facts, k, t } = v
  const label = pageLabel(s, page)
  const again = asm.label()
  const begin = asm.label()
  const find = asm.label()
  const unlock = asm.label()
  const done = asm.label()
  const subscribes = s.policy.intervalNotifiers && s.policy.configMmuNotifier
  const verb = write ? 'write' : 'read'
  const at = { vpn: pageVpn(s, page) }
  const usable = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    return ptePresent(pte) && (!write || pteWrite(pte))
  }
  const through = (m: Machine): { readonly entry: number; readonly what: string } | undefined => {
    const cached = get(m, k.tlb, page)
    if (devAllows(cached, write)) return { entry: cached, what: 'the device’s TLB' }
    const entry = get(m, k.pte, page)
    return devAllows(entry, write) ? { entry, what: 'a device PTE' } : undefined
  }

  asm.place(again)
  steps.at(asm, 'access')
  asm.op({
    fn: write ? 'device store' : 'device load',
    file: 'hardware',
    label: m => {
      const way = through(m)
      return way === undefined ? `find no device PTE for ${label}` : `${verb} ${label} through ${way.what}`
    },
    why: 'The device’s TLB and its page table decide. Neither the process nor its page table is asked.',
    run: (m, emit, next) => {
      const way = through(m)
      if (way === undefined) {
        const why = subscribes ? 'the driver has to make a device PTE' : 'its driver cannot subscribe on this kernel'
        emit?.({ type: 'device-faulted', ...who(v), ...at, why })
        return subscribes ? next : done.at
      }
      set(m, k.tlb, page, way.entry)
      const pfn = devPfn(way.entry)
      emit?.({ type: 'guest-accessed', ...who(v), by: v.by, ...at, pfn: toPfn(pfn), write, through: way.what })
      noteAccess(s, m, v.by, page, pfn, write, v.writer, emit)
      return done.at
    },
    goes: subscribes ? ['next', done] : [done],
  })
  if (subscribes) asm.within(facts.kind === 'odp' ? 'ib_umem_odp_map_dma_and_lock' : 'driver fault', fault)
  asm.place(done)

  function fault(): void {
    asm.place(begin)
    steps.at(asm, 'read_begin')
    asm.within('mmu_interval_read_begin', readBegin)
    asm.place(find)
    steps.at(asm, 'find the page')
    asm.within('hmm_range_fault', findPage)
    steps.at(asm, 'read_retry')
    readRetry()
    steps.at(asm, 'program')
    program()
  }

  /** Q1. */
  function readBegin(): void {
    asm.op({
      fn: 'mmu_interval_read_begin',
      file: 'mm/mmu_notifier.c',
      label: 'remember the sequence of the subscription',
      why: 'If it equals that of the mm, the driver has been told of an invalidation that still runs: then it must sleep first.',
      needs: [itreeFree(s)],
      blocked: itreeBlocked(s),
      run: (m, emit, next) => {
        const seq = get(m, k.seq, 0)
        set(m, t.seq, 0, seq + 1)
        const running = seq === get(m, s.shape.itree.seq, 0) + 1
        emit?.({ type: 'interval-sampled', ...who(v), seq: seq + 1, running })
        return running ? next : find.at
      },
      goes: ['next', find],
    })
    asm.op({
      fn: 'wait_event',
      file: 'mm/mmu_notifier.c',
      label: 'go on: the invalidation is over',
      why: 'It is woken when the last invalidation of the mm has ended, not only that of its own pages.',
      needs: [
        {
          on: [s.resources.openPairs],
          holds: m => get(m, s.shape.itree.seq, 0) + 2 !== get(m, t.seq, 0),
          as: 'reads',
        },
      ],
      blocked: m => `it sleeps until invalidate_seq is not ${get(m, t.seq, 0)} any more`,
      run: (m, emit, next) => {
        emit?.({ type: 'interval-awake', ...who(v), seq: itreeSeq(s, m) })
        return next
      },
    })
  }

  /** Q2. */
  function findPage(): void {
    const [copied, found] = [asm.label(), asm.label()]
    asm.op({
      fn: 'mmap_read_lock',
      file: 'include/linux/mmap_lock.h',
      label: `take the mmap lock, look for the VMA of ${label}`,
      why: 'Pages are found, and faulted in, as for an access of the process itself.',
      needs: mmapReadNeeds(s),
      blocked: m => mmapBlocked(s, m),
      run: (m, emit, next) => {
        const why = refusal(s, m, page, write)
        if (why === '') {
          mmapReadLock(s, m)
          return next
        }
        emit?.({ type: 'fault-refused', ...at, why })
        forget(v, m)
        return done.at
      },
      goes: ['next', done],
    })
    asm.op({
      fn: 'hmm_vma_walk_pmd',
      file: 'mm/hmm.c',
      label: m => (usable(m) ? `read the PTE of ${label}` : `map ${label}, read its PTE`),
      why: 'It takes the number of the frame and no reference: only the sequence says whether the frame is still that of the page.',
      needs: [{ on: [s.resources.frames], holds: m => usable(m) || faultReady(s, m, page, write), as: 'reads' }],
      blocked: m => faultBlocked(s, m, page),
      run: (m, emit) => {
        if (write && mustCopy(s, m, page)) {
          wantCopy(v, m, page)
          return copied.at
        }
        if (!usable(m)) handleMmFault(s, m, page, write, emit)
        if (get(m, t.reading, 0) === 0) set(m, t.reading, 0, page + 1)
        const pte = pteAt(s.shape, m, page)
        mmapUnlock(s, m, v.holder)
        if (!usable(m)) {
          forget(v, m)
          return begin.at
        }
        set(m, t.pfn, 0, ptePfn(pte) + 1)
        set(m, t.writable, 0, pteWrite(pte) ? 1 : 0)
        emit?.({ type: 'pages-found', ...who(v), ...at, pfn: toPfn(ptePfn(pte)) })
        return found.at
      },
      goes: [found, begin, copied],
    })
    const retry = (m: Machine): number => {
      mmapUnlock(s, m, v.holder)
      forget(v, m)
      return begin.at
    }
    if (write) waitForCopy(v, asm, page, copied, retry, [begin])
    asm.place(found)
  }

  /** Q3. */
  function readRetry(): void {
    const asks = s.policy.readRetry === 'checked'
    asm.op({
      fn: asks ? 'mmu_interval_read_retry' : 'mutex_lock',
      file: asks ? 'include/linux/mmu_notifier.h' : 'kernel/locking/mutex.c',
      label: asks ? `take ${v.lockName}, see whether an invalidation has come in between` : `take ${v.lockName}`,
      why: asks
        ? 'Under this lock the answer stays true until the device PTE is made: an invalidation must take it too.'
        : 'This driver does not ask whether what it has found is still so.',
      needs: [lockFree(v)],
      blocked: lockBlocked(v),
      run: (m, emit, next) => {
        set(m, k.lock, 0, v.holder)
        if (asks && overtaken(k, t, m)) {
          const why = `the sequence was ${get(m, t.seq, 0)} and is ${get(m, k.seq, 0) + 1}`
          emit?.({ type: 'shadow-fault-retried', ...who(v), ...at, why })
          return unlock.at
        }
        emit?.({ type: 'interval-checked', ...who(v), ...at, asked: asks })
        return next
      },
      goes: asks ? ['next', unlock] : ['next'],
    })
  }

  /** Q4. */
  function program(): void {
    const leave = (m: Machine): void => {
      set(m, k.lock, 0, 0)
      forget(v, m)
    }
    asm.op({
      fn: facts.kind === 'odp' ? 'populate_mtt' : 'driver_populate_device',
      file: facts.kind === 'odp' ? 'drivers/infiniband/hw/mlx5/odp.c' : 'driver',
      label: `make the device PTE of ${label}, drop ${v.lockName}`,
      why: 'A device PTE holds no reference. That the frame stays the page’s is the work of the notifier alone.',
      run: (m, emit) => {
        const pfn = get(m, t.pfn, 0) - 1
        const writable = get(m, t.writable, 0) === 1
        set(m, k.pte, page, mkDevPte(pfn, writable))
        emit?.({ type: 'shadow-entry-set', ...who(v), what: 'device PTE', ...at, pfn: toPfn(pfn), writable })
        judge(m, pfn, emit)
        leave(m)
        return again.at
      },
      goes: [again],
    })
    asm.place(unlock)
    if (s.policy.readRetry !== 'checked') return
    asm.op({
      fn: 'mutex_unlock',
      file: 'kernel/locking/mutex.c',
      label: `drop ${v.lockName}, start over`,
      why: 'What was found is forgotten, and read again from the page table as it is now.',
      run: m => {
        leave(m)
        return begin.at
      },
      goes: [begin],
    })
  }

  /** I9. */
  function judge(m: Machine, pfn: number, emit?: Emit): void {
    if (get(m, k.told, page) === 0 && get(m, t.outdated, 0) === 0) return
    noteDamage(s, m, DAMAGE.unsoundEntry)
    emit?.({ type: 'entry-unsound', ...who(v), what: 'device PTE', ...at, pfn: toPfn(pfn) })
  }
}
