/*
 * What a consumer shows of itself, whatever its kind: facts, entries that name frames, and how far those are who run its code.
 * view/consumers.ts makes the view of it, and says of each entry whether it is still true.
 */

export interface ConsumerPicture {
  /** `KVM`, `HMM` */
  readonly kind: string
  /** What it is, in a few words: `shadow page table, filled under mmu_lock`. */
  readonly what: string
  readonly facts: readonly PictureFact[]
  readonly lists: readonly PictureList[]
  readonly threads: readonly PictureThread[]
}

export interface PictureFact {
  /** As the kernel calls it: `mmu_invalidate_seq`. */
  readonly name: string
  /** The same where it is narrow: `seq`. */
  readonly short: string
  readonly value: string
  /** It is not as it is at rest: an invalidation is in progress, a lock is held. */
  readonly busy: boolean
}

/** Entries of one kind: SPTEs, a pfn cache. */
export interface PictureList {
  readonly title: string
  readonly entries: readonly PictureEntry[]
}

export interface PictureEntry {
  /** Page, by index. */
  readonly page: number
  /** How the consumer calls it: `gfn 0x10`. */
  readonly tag: string
  /** -1: there is none. */
  readonly pfn: number
  readonly writable: boolean
}

export interface PictureThread {
  readonly name: string
  /** `2/3 write buf[0]` */
  readonly doing: string
  readonly steps: readonly {
    readonly text: string
    readonly state: 'done' | 'current' | 'ahead'
    readonly note: string
  }[]
}
