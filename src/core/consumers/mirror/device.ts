import { known } from '../../base/assert.ts'
import { holderName } from '../../kernel/task.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import { DAMAGE, noteDamage } from '../../machine/damage.ts'
import type { Emit, Translator } from '../../machine/event.ts'
import { type MirrorColumns, type MirrorThreadColumns, SUB, subAt } from '../../machine/mirror.ts'
import type { Setup } from '../../machine/setup.ts'
import type { Need } from '../../threads/footprint.ts'

/** One mirror as its scenario has it, with names resolved to page indices. */
export interface MirrorFacts {
  readonly kind: 'hmm' | 'odp'
  readonly name: string
  /** Its number among the consumers, and among the mirrors. */
  readonly consumer: number
  readonly mirror: number
  /** Threads of consumers before its own. */
  readonly firstThread: number
  /** Pages [first, end) that its subscription is about. */
  readonly first: number
  readonly end: number
  readonly script: readonly MirrorStep[]
}

export type MirrorStep = { readonly page: number; readonly write: boolean } | 'insert' | 'remove'

/** A mirror, and the thread that is its device and its driver in one, while its programs are written. */
export interface Mirror {
  readonly s: Setup
  readonly facts: MirrorFacts
  readonly k: MirrorColumns
  readonly t: MirrorThreadColumns
  readonly by: Translator
  /** What lock columns hold when it holds the lock, and `writer` of a frame that it wrote. */
  readonly holder: number
  readonly writer: number
  /** What its drivers call the lock under which device PTEs are made. */
  readonly lockName: string
}

export function mirrorOf(s: Setup, facts: MirrorFacts): Mirror {
  const k = known(s.shape.mirrors[facts.mirror], facts.name)
  return {
    s,
    facts,
    k,
    t: known(k.threads[0], facts.name),
    by: { kind: 'consumer', index: facts.consumer },
    holder: s.cpus.length + 2 + facts.firstThread,
    writer: s.cpus.length + s.devices.length + 1 + facts.firstThread,
    lockName: facts.kind === 'odp' ? 'umem_mutex' : 'user_lock',
  }
}

/** Whom it is about, in events. */
export const who = ({ facts }: Mirror) => ({ consumer: facts.consumer, who: facts.name })

/** Its subscription comes or goes. */
export const changesSub = ({ script }: MirrorFacts): boolean => script.includes('insert') || script.includes('remove')

export const lockFree = ({ s, k }: Mirror): Need => ({
  on: [s.resources.openPairs],
  holds: m => get(m, k.lock, 0) === 0,
  as: 'reads',
})

export const lockBlocked =
  ({ s, facts, k, lockName }: Mirror) =>
  (m: Machine): string =>
    `${lockName} of ${facts.name} is held by ${holderName(s, get(m, k.lock, 0))}`

/** Clears device PTEs, or entries of the device's TLB, of pages [lo, hi): how many there were. */
export function dropEntries(column: MirrorColumns['pte'], m: Machine, lo: number, hi: number): number {
  let dropped = 0
  for (let page = lo; page < hi; page++) {
    if (get(m, column, page) === 0) continue
    set(m, column, page, 0)
    dropped++
  }
  return dropped
}

/** I13: somebody looks at the subscription. Harm where the driver has freed it. */
export function judgeSubscription(v: Mirror, m: Machine, where: string, emit?: Emit): void {
  const at = subAt(v.k, m)
  if (at !== SUB.freedDeferred && at !== SUB.freed) return
  noteDamage(v.s, m, DAMAGE.usedAfterItsEnd)
  emit?.({ type: 'subscription-used-after-free', ...who(v), where })
}
