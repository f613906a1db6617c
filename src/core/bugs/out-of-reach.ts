import type { BugTags, Commit, OutOfReach } from './bug.ts'

/**
 * Bugs that the model cannot play yet, so that nobody takes what is on the shelf for all there is. Whoever adds one to
 * bug-list.ts takes its entry from here: a test sees to it that every number stands in one of the two.
 */

const seen = (id: string, release: string | null, what: string): Commit => ({ id, what, release, evidence: ['id'] })
const unseen = (release: string | null, what: string): Commit => ({
  id: null,
  what,
  release,
  evidence: ['not-verified'],
})
const tags = (
  consumers: BugTags['consumers'],
  hardware: readonly string[],
  operations: readonly string[],
): BugTags => ({ consumers, hardware, operations })

export const OUT_OF_REACH: readonly OutOfReach[] = [
  {
    id: 'B14',
    title: 'arm64: the notifier is told of an empty range',
    wrong:
      'A macro consumed its argument, so the notifier was given a range that ends where it starts. The SMMU driver takes that for everything: right, and slow.',
    affected: { from: '6.6', until: null, evidence: ['mail'], note: 'fixed in 2025; the release is not verified' },
    introducedBy: [seen('6bbd42e2df8f', '6.6', 'calls the notifier after the macro')],
    fixedBy: [unseen(null, 'passes the range that the macro started with')],
    cves: [],
    tags: tags(['SVA'], ['IOTLB', 'SMMU'], ['munmap']),
    invariants: [],
    why: 'It costs time and breaks no rule, so there is no verdict to compute. B09 shows an empty range that does harm.',
  },
  {
    id: 'B20',
    title: 'A start() that fails leaves others without an end()',
    wrong:
      'A start() that must not block may be refused by one subscriber after another has taken it. The caller must not call end() then, so the count of the first stayed raised and its faults were retried for ever.',
    affected: { from: '4.19', until: '5.12', evidence: ['id', 'mail'] },
    introducedBy: [seen('93065ac753e4', '4.19', 'lets start() refuse')],
    fixedBy: [seen('c2655835fd8c', '5.12', 'calls end() for those whose start() had succeeded')],
    cves: [],
    tags: tags(['KVM'], [], ['OOM reaper']),
    invariants: ['I10', 'L1'],
    why: 'No subscriber here ever refuses: a start() that must not block, as the OOM reaper’s, always succeeds.',
  },
  {
    id: 'B34',
    title: 'invalidate_page under the lock, and outside it',
    wrong:
      'Outside the page-table lock another page may be mapped at the address before the callback runs. Under it, as from 4.11, callbacks must not sleep, and some did.',
    affected: { from: '3.7', until: '4.13', evidence: ['source'] },
    introducedBy: [seen('c7ab0d2fdc84', '4.11', 'moves it under the lock')],
    fixedBy: [seen('ea25c4317946', '4.13', 'removes it')],
    cves: [],
    tags: tags(['KVM', 'SVA'], [], ['reclaim']),
    invariants: ['I12', 'I5'],
    why: 'Both placements are there (invalidatePagePlacement), and neither breaks a rule: the page is kept until the callback has run. No subscriber here sleeps under the lock.',
  },
]
