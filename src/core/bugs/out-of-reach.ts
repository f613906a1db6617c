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
]
