import { ROOT } from '../device/device.ts'
import { atcBeforeIotlb } from '../device/invalidation-queue.ts'
import { get, type Machine } from '../machine/cells.ts'
import { DAMAGE, damageOf, holderOf } from '../machine/damage.ts'
import type { Features } from '../machine/features.ts'
import { gupTableAt } from '../machine/gup-fast.ts'
import { pageRequests } from '../machine/page-requests.ts'
import { boundTo, isAttached, mmOfPage } from '../machine/pasids.ts'
import { pageLabel, type Setup, USE } from '../machine/setup.ts'
import { entriesOf, tlbFirst } from '../machine/tlb.ts'

/** How one rule stands in one state. */
export interface RuleView {
  /** `I1`, as in the list of invariants. */
  readonly id: string
  /** A sentence: `No access reaches a freed frame`. */
  readonly sentence: string
  /** warning: a bad entry exists that nobody has used yet. */
  readonly verdict: 'holds' | 'warning' | 'violated'
  readonly detail: string
}

/** A rule that must hold in every state, and what already looks bad before it is broken. */
export interface Rule {
  readonly id: string
  readonly sentence: string
  /** Its bit in the record of harm: DAMAGE. 0: it can be seen in the state while it is broken, and nothing of it is kept. */
  readonly damage: number
  /** Looks at one state only: what happened is kept in it. */
  readonly violated: (s: Setup, m: Machine) => boolean
  /** Something that could break the rule but has not yet, in words, or ''. */
  readonly warning: (s: Setup, m: Machine) => string
  readonly broken: string
  /** Its breach is damage done: an access or a walk that reached, or changed, what it must not. */
  readonly harm?: true
  /** Whether a machine keeps what the rule looks at. Absent: every machine does. */
  readonly kept?: (features: Features) => boolean
}

const has =
  (bit: number) =>
  (s: Setup, m: Machine): boolean =>
    (damageOf(s, m) & bit) !== 0
const none = (): string => ''

/** The invariants of the field that these scenarios can break. Numbers are those of docs/kernel-map.md. */
export const RULES: readonly Rule[] = [
  {
    id: 'I1',
    sentence: 'No access reaches a freed frame',
    damage: DAMAGE.usedAfterFree,
    harm: true,
    violated: has(DAMAGE.usedAfterFree),
    broken: 'A frame was used through a translation after it had been freed.',
    warning: (s, m) => staleFree(s, m, [USE.free, USE.other, USE.reserved], 'page'),
  },
  {
    id: 'I2',
    sentence: 'No walk reads a freed page-table page',
    damage: DAMAGE.walkedAfterFree,
    harm: true,
    violated: has(DAMAGE.walkedAfterFree),
    broken: 'A hardware walk read a frame that is no page table any more, or another process’s.',
    warning: (s, m) => staleFree(s, m, [USE.free, USE.other, USE.reserved], 'table'),
  },
  {
    id: 'I3',
    sentence: 'No software uses a freed page table',
    damage: DAMAGE.softwareWalk,
    harm: true,
    kept: features => features.gupFast || features.stackGrowth,
    violated: has(DAMAGE.softwareWalk),
    broken: 'Software had found a page table, and used it after it had been freed.',
    warning: (s, m) => walkerInFreed(s, m),
  },
  {
    id: 'I4',
    sentence: 'A frame is freed only after every TLB has let go of it',
    damage: DAMAGE.freedTooEarly,
    violated: has(DAMAGE.freedTooEarly),
    broken: 'A frame was freed while a TLB, a walk cache or a walk still named it.',
    warning: none,
  },
  {
    id: 'I5',
    sentence: 'Whatever was unmapped has been told to the secondary TLB when the call returns',
    damage: DAMAGE.rangeNotCovered,
    violated: has(DAMAGE.rangeNotCovered),
    broken: 'A call returned, and a page or page table that it removed lay in no range given to the IOMMU driver.',
    warning: none,
  },
  {
    id: 'I6',
    sentence: 'What a call took away nobody can do any more when it returns',
    damage: DAMAGE.usedAfterPromise,
    harm: true,
    kept: features => features.promises,
    violated: has(DAMAGE.usedAfterPromise),
    broken: 'An access went through that a call had taken away before it returned.',
    warning: none,
  },
  {
    id: 'I7',
    sentence: 'Nobody sees two writes in the wrong order',
    damage: DAMAGE.seenOutOfOrder,
    harm: true,
    kept: features => features.observations,
    violated: has(DAMAGE.seenOutOfOrder),
    broken: 'Somebody had seen a write, and then read a page as it was before an earlier write.',
    warning: none,
  },
  {
    id: 'I8',
    sentence: 'No write is lost',
    damage: DAMAGE.lostWrite,
    harm: true,
    kept: features => features.contents || features.cleanPages || features.accessed,
    violated: has(DAMAGE.lostWrite),
    broken:
      'A frame was written after its bytes had been copied, written out or compared, or a page that may be dropped was written without a trace in its Dirty bit, or its Dirty bit was cleared unseen.',
    warning: none,
  },
  {
    id: 'I9',
    sentence: 'No shadow entry is made from what an invalidation has overtaken',
    damage: DAMAGE.unsoundEntry,
    kept: features => features.kvms.length + features.mirrors.length > 0,
    violated: has(DAMAGE.unsoundEntry),
    broken:
      'An SPTE, a device PTE or a cached frame was installed though an invalidation of its page was running, or had ended since the mm was read.',
    warning: none,
  },
  {
    id: 'I10',
    sentence: 'Starts and ends pair up, nested or not',
    damage: DAMAGE.pairingBroken,
    violated: has(DAMAGE.pairingBroken),
    broken: 'The driver behaved as if no pair were open while one was.',
    warning: (s, m) =>
      s.policy.driver === 'empty-table' &&
      get(m, s.shape.openPairs, 0) > 0 &&
      get(m, s.shape.iommu.root, 0) === ROOT.real &&
      get(m, s.shape.iommu.nesting, 0) > 0
        ? 'a pair is open and the real table is installed'
        : '',
  },
  {
    id: 'I11',
    sentence: 'No device lets go of pages before the IOTLB has',
    damage: 0,
    kept: features => features.ats,
    violated: (s, m) => s.devices.some((_, device) => atcBeforeIotlb(s, m, device)),
    broken: 'A device was asked to drop pages from its ATC while the same flush had the IOTLB still before it.',
    warning: none,
  },
  {
    id: 'I12',
    sentence: 'No callback sleeps where sleeping is not allowed',
    damage: DAMAGE.sleptInAtomic,
    kept: features => features.gpus.some(gpu => gpu.userptr),
    violated: has(DAMAGE.sleptInAtomic),
    broken: 'A callback that may sleep was called with a page-table lock held, or slept where start() must not block.',
    warning: none,
  },
  {
    id: 'I13',
    sentence: 'Nobody uses what has been given up: a subscription, a PASID',
    damage: DAMAGE.usedAfterItsEnd,
    harm: true,
    kept: features =>
      features.pasids || features.mirrors.some(mirror => mirror.changes) || features.comingSubscribers > 0,
    violated: has(DAMAGE.usedAfterItsEnd),
    broken:
      'The mm used a subscription that its driver had freed, or a page request was handled after the unbind of its PASID, or for its next owner.',
    warning: (s, m) => leftOfPasid(s, m),
  },
  {
    id: 'I14',
    sentence: 'No TLB of a CPU has an address in two sizes',
    damage: DAMAGE.mixedSizes,
    kept: features => features.huge,
    violated: has(DAMAGE.mixedSizes),
    broken: 'A TLB held a huge entry and one for a single page of it at the same time.',
    warning: none,
  },
  {
    id: 'I16',
    sentence: 'A CPU that says it has made all flushes up to one has made them',
    damage: DAMAGE.generationSkipped,
    kept: features => features.generations,
    violated: has(DAMAGE.generationSkipped),
    broken: 'A CPU took its tlb_gen for that of the mm, and had left out a flush on the way.',
    warning: none,
  },
]

/** A walk without locks is about to read a table that is free or another's. */
function walkerInFreed(s: Setup, m: Machine): string {
  const cpu = s.cpus.findIndex((_, i) => {
    const pfn = gupTableAt(s.shape, m, i)
    return pfn >= 0 && get(m, s.shape.use, pfn) !== USE.table
  })
  return cpu < 0
    ? ''
    : `${s.cpus[cpu]?.name ?? ''} is about to read pfn ${gupTableAt(s.shape, m, cpu)}, which is no page table any more`
}

/** A translator still names a frame that is no longer the process's: nobody has used it yet. */
function staleFree(s: Setup, m: Machine, uses: readonly number[], what: 'page' | 'table'): string {
  const frames = s.shape.sizes.frames
  if (frames > 512) return ''
  for (let pfn = 1; pfn < frames; pfn++) {
    if (!uses.includes(get(m, s.shape.use, pfn))) continue
    const holder = holderOf(s, m, pfn, what)
    if (holder !== '')
      return `${holder} still names pfn ${pfn}, which is ${get(m, s.shape.use, pfn) === USE.free ? 'free' : 'another’s'} now`
  }
  return ''
}

/** A PASID is bound to an mm while an entry or a request of its last owner is there. */
function leftOfPasid(s: Setup, m: Machine): string {
  if (s.tagOf.length === 0) return ''
  const stale = (page: number): boolean => !isAttached(s, m, mmOfPage(s, page)) && boundTo(s, m, mmOfPage(s, page)) >= 0
  const request = pageRequests(s, m).find(r => stale(r.page))
  if (request !== undefined)
    return `a page request for ${pageLabel(s, request.page)} is in the queue, and its PASID is another’s`
  for (const [i, w] of [s.shape.iommu, ...s.shape.ats].entries()) {
    const entry = entriesOf(m, w.tlb).find(e => stale(tlbFirst(s, e)))
    if (entry !== undefined)
      return `${i === 0 ? 'the IOTLB' : `the ATC of ${s.devices[i - 1]?.name ?? ''}`} has ${pageLabel(s, tlbFirst(s, entry))}, and its PASID is another’s`
  }
  return ''
}

/** The rules of which this machine keeps what they look at. */
export const rulesKept = (s: Setup): readonly Rule[] =>
  RULES.filter(rule => rule.kept?.(s.shape.sizes.features) ?? true)

/** Each rule with its verdict in this state. */
export function ruleViews(s: Setup, m: Machine): RuleView[] {
  return rulesKept(s).map(rule => {
    if (rule.violated(s, m)) return { id: rule.id, sentence: rule.sentence, verdict: 'violated', detail: rule.broken }
    const warning = rule.warning(s, m)
    return { id: rule.id, sentence: rule.sentence, verdict: warning === '' ? 'holds' : 'warning', detail: warning }
  })
}
