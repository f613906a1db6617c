/** What the recordings show, with the recording and the step (from 1) that shows it. */
export const findings: readonly {
  readonly claim: string
  readonly shown: readonly (readonly [recording: string, step: number])[]
}[] = [
  {
    claim:
      'start() is too early: every page is still mapped, and a walker that is flushed now can fill its TLB again at once.',
    shown: [['munmap4', 3]],
  },
  {
    claim:
      'end() does not mean freed. It comes after the page-table entries are cleared, before any CPU is flushed, and each page still has its reference.',
    shown: [
      ['munmap4', 3],
      ['dontneed8', 3],
    ],
  },
  {
    claim:
      'On 6.1 one munmap calls invalidate_range twice: from end(), before the CPU flush, and again after it, outside every pair. Only after the second are pages freed.',
    shown: [
      ['munmap4', 3],
      ['munmap4_smp', 3],
    ],
  },
  {
    claim: 'The newer kernel makes one call, with the CPU flush, and none from end().',
    shown: [['k612-munmap4', 3]],
  },
  {
    claim:
      'The call comes inside the pair where the flush does: for dirty pages of a file, and when the gather is full.',
    shown: [
      ['munmap_shared_dirty', 3],
      ['munmap_11000', 2],
    ],
  },
  {
    claim:
      'Page tables are unlinked after end() and before the flush. At the call they are out of the tree and not yet free; then they go with the pages.',
    shown: [
      ['munmap4_lasttable', 3],
      ['k612-munmap4_lasttable', 3],
    ],
  },
  {
    claim: 'In a guest of KVM the same tables are freed only after a grace period, when the call has long returned.',
    shown: [['pv-munmap4_lasttable', 3]],
  },
  {
    claim: 'Unmapped is not freed: a page stays for as long as anybody else holds a reference.',
    shown: [
      ['munmap_pinned', 3],
      ['munmap_shared_dirty', 3],
    ],
  },
  {
    claim: 'A CPU that keeps the address space lazily is not interrupted; one that runs it is, and is waited for.',
    shown: [
      ['munmap4_lazycpu', 3],
      ['munmap4_smp', 3],
    ],
  },
  {
    claim: 'On 6.1 the split of a huge page is the one change that tells the secondary TLB nothing; later it does.',
    shown: [
      ['thp_split', 3],
      ['k612-thp_split', 3],
    ],
  },
  {
    claim: 'fork ends all its pairs before the one CPU flush at its very end.',
    shown: [['fork_cow3', 3]],
  },
  {
    claim: 'release() is all that a notifier hears of an exit.',
    shown: [['exit_live', 2]],
  },
]
