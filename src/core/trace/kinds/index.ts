import type { OperationName } from '../operation.ts'
import type { Span } from '../spans.ts'
import { brk } from './brk.ts'
import { clearRefs } from './clear-refs.ts'
import { collapse } from './collapse.ts'
import { cow } from './cow.ts'
import { dontneed } from './dontneed.ts'
import { exit } from './exit.ts'
import { fault } from './fault.ts'
import { fork } from './fork.ts'
import { free } from './free.ts'
import type { Kind } from './kind.ts'
import { ksm } from './ksm.ts'
import { migrate } from './migrate.ts'
import { mprotect } from './mprotect.ts'
import { mremap } from './mremap.ts'
import { munmap } from './munmap.ts'
import { other } from './other.ts'
import { pageout } from './pageout.ts'
import { reclaim } from './reclaim.ts'
import { thpSplit } from './thp-split.ts'

/** Every kind of operation that is told apart. Of several that fit a span the first is meant. */
export const kinds: readonly Kind[] = [
  exit,
  munmap,
  brk,
  dontneed,
  free,
  pageout,
  mprotect,
  mremap,
  fork,
  thpSplit,
  clearRefs,
  ksm,
  migrate,
  collapse,
  cow,
  fault,
  reclaim,
  other,
]

const byName = new Map(kinds.map(k => [k.name, k]))

/** The kind of this name. */
export const kindNamed = (name: OperationName): Kind => byName.get(name) ?? other

/** What a span is, or null: nothing that changes an address space for others than its own CPU. */
export const kindOf = (s: Span): Kind | null => kinds.find(k => k.is(s)) ?? null
