import type { Span } from '../spans.ts'

/** include/uapi/asm-generic/mman-common.h */
const ADVICE = { DONTNEED: 4, FREE: 8, REMOVE: 9, COLD: 20, PAGEOUT: 21 } as const

/** madvise(2) with this advice; process_madvise(2) too. */
export const advises =
  (advice: keyof typeof ADVICE) =>
  ({ call }: Span): boolean =>
    (call?.name === 'madvise' || call?.name === 'process_madvise') && call.advice === ADVICE[advice]
