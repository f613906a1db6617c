import { get, type Machine, set } from '../../machine/cells.ts'
import { cachedPfn } from '../../machine/kvm.ts'
import { pageLabel, pageVpn, toPfn } from '../../machine/setup.ts'
import { fieldIn } from '../../policy/names.ts'
import { omitting, type ProgramBuilder } from '../../threads/program.ts'
import type { Steps } from '../steps.ts'
import { touch, verb } from './guest-access.ts'
import { letGo, resolvePfn, sampleSeq, who } from './resolve-pfn.ts'
import { type GuestAccess, judgeSoundness, type KvmThread } from './vm.ts'

export const CACHE_STEPS = ['use', 'sample the sequence', 'find the page', 'check'] as const

/**
 * KVM itself reads or writes a guest page, through a cache of its frame: struct gfn_to_pfn_cache, virt/kvm/pfncache.c. Where the cache is
 * not valid it is refreshed first, and a refresh that an invalidation has come into starts over.
 *
 * Kernel: kvm_gpc_check(), hva_to_pfn_retry(), mmu_notifier_retry_cache(). As in 6.12.
 * Simplified: gpc->lock is held in single steps only; one thread uses the cache.
 */
export function cacheAccess(v: KvmThread, asm: ProgramBuilder, steps: Steps, access: GuestAccess): void {
  const { s, k, t } = v
  const { page, write } = access
  const label = pageLabel(s, page)
  const use = asm.label()
  const refresh = asm.label()
  const found = asm.label()
  const done = asm.label()
  const file = 'virt/kvm/pfncache.c'

  asm.place(use)
  steps.at(asm, 'use')
  asm.op({
    fn: 'kvm_gpc_check',
    file,
    label: m =>
      cachedPfn(k, m) >= 0 ? `${verb(write)} ${label} through the pfn cache` : 'find the pfn cache not valid',
    why: 'As long as it is valid, the frame is used by its number: no page table is asked, and no reference held.',
    run: (m, emit, next) => {
      const pfn = cachedPfn(k, m)
      if (pfn < 0) return next
      touch(v, m, page, pfn, write, 'the pfn cache', emit)
      return done.at
    },
    goes: ['next', done],
  })
  asm.within('kvm_gpc_refresh', () =>
    asm.within('hva_to_pfn_retry', () => {
      asm.place(refresh)
      steps.at(asm, 'sample the sequence')
      asm.op({
        fn: 'hva_to_pfn_retry',
        file,
        label: `remember ${fieldIn(s.policy, 'mmu_invalidate_seq')}, drop gpc->lock`,
        why: 'The lock cannot be kept while a page is faulted in. An invalidation that comes now finds nothing valid to drop.',
        run: (m, emit, next) => {
          sampleSeq(v, m, emit)
          return next
        },
      })
      steps.at(asm, 'find the page')
      resolvePfn(v, asm, { page, write: true }, { found, failed: done })
      asm.place(found)
      steps.at(asm, 'check')
      asm.op({
        fn: 'mmu_notifier_retry_cache',
        file,
        label: m => (retries(m) ? 'start over: an invalidation has come in between' : 'declare the cache valid'),
        why:
          s.policy.pfnCacheRetryCounter === 'in_progress'
            ? 'It looks at a count that is raised only after the caches were dropped: in between it sees nothing.'
            : 'This count is raised before the caches are dropped, and lowered after the sequence is raised.',
        run: (m, emit, next) => {
          if (!retries(m)) {
            declareValid(m, emit)
            return next
          }
          emit?.({ type: 'shadow-fault-retried', ...who(v), vpn: pageVpn(s, page), why: 'the cache was to be dropped' })
          letGo(v, m, emit)
          return refresh.at
        },
        without: [
          omitting('the check whether the pfn cache was to be dropped', (m, emit, next) => {
            declareValid(m, emit)
            return next
          }),
        ],
        goes: ['next', refresh],
      })
      asm.op({
        fn: 'kvm_release_pfn_clean',
        file: 'virt/kvm/kvm_main.c',
        label: 'drop the reference',
        why: 'From here on nothing but the notifier keeps this frame from being freed.',
        run: (m, emit) => {
          letGo(v, m, emit)
          return use.at
        },
        goes: [use],
      })
    }),
  )
  asm.place(done)

  function retries(m: Machine): boolean {
    const counter = s.policy.pfnCacheRetryCounter === 'in_progress' ? k.inProgress : k.active
    return get(m, counter, 0) > 0 || get(m, k.seq, 0) !== get(m, t.seq, 0)
  }

  function declareValid(m: Machine, emit?: Parameters<typeof letGo>[2]): void {
    const pfn = get(m, t.pfn, 0) - 1
    set(m, k.cache, 0, pfn + 1)
    const at = { vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: true }
    emit?.({ type: 'shadow-entry-set', ...who(v), what: 'pfn cache', ...at })
    judgeSoundness(v, t, m, { what: 'pfn cache', page, pfn, passedBy: get(m, k.dropped, 0) > 0 }, emit)
  }
}
