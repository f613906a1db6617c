import { at2627, type Changes } from './change.ts'

/** The history of switches: subscribers of the notifiers. */
export const CONSUMER_HISTORY = {
  intervalNotifiers: [
    at2627(false, 'Drivers have start and end, for the whole mm.'),
    { since: '5.5', value: true, commit: '99cb252f5e68 [id]', note: '5.5: an interval tree; 6.6 source agrees.' },
  ],
  notifierPut: [
    at2627(
      false,
      'Who unregisters waits for a grace period; from 3.17 some drivers ran one of their own: not verified.',
    ),
    { since: '5.5', value: true, commit: null, note: '5.4: get and put. Neither number nor commit is verified.' },
  ],
  deferredRemoveWait: [
    at2627('seq-changed', 'There are no interval notifiers before 5.5; those of 5.5 wait for another sequence.'),
    {
      since: '6.1',
      value: 'seq-released',
      commit: '319561669a59 [c]',
      note: '5.18: the sequence is read under the lock; 6.6 source agrees.',
    },
  ],
  driverFlushBeforePut: [
    at2627(false, 'As i915 was; since when such a GPU could be used so is not verified.'),
    {
      since: '6.1',
      value: true,
      commit: '7938d61591d3 [id]',
      note: '5.17: i915 flushes the GPU’s TLB before it releases pages; later patches of that code agree.',
    },
  ],
  seqSampledAt: [
    at2627('after', 'arm64 and RISC-V, as long as they have had KVM. The mechanism is not verified in source.'),
    {
      since: '6.6',
      value: 'before-VMA-lookup',
      commit: '13ec9308a857 [id]',
      note: '6.3: arm64 samples while it holds the mmap lock for the VMA; RISC-V likewise.',
    },
  ],
  pfnCacheRetryCounter: [
    {
      since: '2.6.27',
      value: 'mn_active_invalidate_count',
      commit: '58cd407ca4c6 [id]',
      note: '5.19. There is no such cache before 5.17; in 5.17 and 5.18, between two kernels here, it looked at the other count. Both numbers are not verified; 6.12 source agrees.',
    },
  ],
  hwCachedPfnReload: [
    at2627(
      'never',
      'Range callbacks ask for no reload. The page was pinned before 3.18; then invalidate_page, up to 4.12, asked for one.',
    ),
    {
      since: '4.15',
      value: 'start',
      commit: 'b1394e745b94 [id]',
      note: 'start() asks for it: in time for nothing, as the page is still mapped.',
    },
    {
      since: '6.1',
      value: 'range',
      commit: 'e649b3f0188f [id]',
      note: '5.8: invalidate_range asks for it, after the PTE was cleared.',
    },
    {
      since: '6.6',
      value: 'retry',
      commit: '0a8a5f2c8c26 [id]',
      note: '6.5, with 878940b33d76: start() asks for it again, and the load looks at count and sequence.',
    },
  ],
  pfnMapRefPolicy: [
    at2627('assume-refcounted', 'Every frame with a struct page is taken to be counted.'),
    {
      since: '6.1',
      value: 'require-get-unless-zero',
      commit: 'f8be156be163 [id]',
      note: '5.13: a fault on a frame whose count is 0 fails.',
    },
  ],
} satisfies Changes
