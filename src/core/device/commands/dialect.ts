import type { Policy } from '../../policy/policy.ts'
import type { Block, Span } from './block.ts'

/** What one command is sent to. */
export type Target = 'iotlb' | 'atc'

/** How one IOMMU driver flushes: its commands under their own names, and what they cover. */
export interface Dialect {
  /** `VT-d` */
  readonly title: string
  /** What it names when it is told of these pages. Called for less than everything; what is everything stays so. */
  readonly covers: (policy: Policy, target: Target, span: Span) => Block | 'all'
  readonly name: (target: Target, block: Block | 'all') => string
  /** The fields that matter: size, and whether walk caches go too. */
  readonly fields: (target: Target, block: Block | 'all', leafOnly: boolean) => string
  /** The command that says when those before it are done. */
  readonly wait: string
  /** The function that waits for it. */
  readonly waits: { readonly fn: string; readonly file: string }
  /** It waits between the IOTLB’s command and those of ATCs. */
  readonly waitsBetween: (policy: Policy) => boolean
  /** It sends an ATC’s command again that timed out. */
  readonly retries: boolean
  /** Its flush of a single page, in invalidate_page, names leaf entries only. */
  readonly leafPages: boolean
}
