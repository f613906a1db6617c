import type { Pfn, Vpn } from '../../units.ts'
import type { Translator } from '../event.ts'
import type { Tellings } from './telling.ts'

/** Harm beyond use after free: broken promises and lost writes. */
export type HarmEvent =
  | {
      readonly type: 'used-after-promise'
      readonly by: Translator
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly write: boolean
    }
  | { readonly type: 'seen-out-of-order'; readonly by: Translator; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'write-unrecorded'; readonly by: Translator; readonly vpn: Vpn; readonly pfn: Pfn }
  /** I12. `where`: what forbids it. */
  | { readonly type: 'slept-in-atomic'; readonly who: string; readonly what: string; readonly where: string }
  | {
      readonly type: 'walk-wrote-after-free'
      readonly by: Translator
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly dirty: boolean
      readonly owner: string
    }
  | { readonly type: 'dirty-lost'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'write-lost'; readonly by: Translator; readonly vpn: Vpn; readonly pfn: Pfn }

export const harmTellings: Tellings<HarmEvent> = {
  'used-after-promise': {
    caption: (e, n) =>
      `${n.page(e.vpn)} is ${e.write ? 'written' : 'read'} though a call has returned that took this access away`,
    mark: () => 'after the promise',
    tone: 'damage',
    also: true,
    why: 'Whoever made the call relies on it: nobody may have this access any more. A translation that nobody flushed still grants it, or a pin.',
  },
  'seen-out-of-order': {
    caption: (e, n) =>
      `the old ${n.page(e.vpn)} is read from pfn ${e.pfn}, by one who has seen what was written after it`,
    mark: () => 'old value',
    tone: 'damage',
    also: true,
    why: 'The page was replaced and written, and then something else was. Whoever reads the second write must not read the page as it was before the first.',
  },
  'slept-in-atomic': {
    caption: e => `${e.what} of ${e.who} may sleep, and ${e.where}`,
    mark: () => 'sleeps',
    tone: 'damage',
    also: true,
    why: 'Who sleeps with a spinlock held leaves everybody else spinning on it, perhaps the one who should wake him. The kernel reports it: sleeping function called from invalid context.',
  },
  'write-unrecorded': {
    caption: (e, n) => `${n.page(e.vpn)} is written, and its Dirty bit stays clear: the write is as good as lost`,
    mark: () => 'Dirty stays clear',
    tone: 'damage',
    also: true,
    why: 'The page may be dropped as long as it is clean. The translation that was used says that Dirty is set already, so nobody sets it.',
  },
  'walk-wrote-after-free': {
    caption: (e, n) =>
      `the walk for ${n.page(e.vpn)} sets ${e.dirty ? 'Accessed and Dirty' : 'Accessed'} in pfn ${e.pfn}, in bytes of ${e.owner === 'other' ? 'another process' : e.owner}`,
    mark: e => `${e.dirty ? 'A, D' : 'A'} in ${e.pfn}`,
    tone: 'damage',
    also: true,
    why: 'A walker marks the entries that it uses. This one it takes for an entry, and it is somebody’s data: it is changed, whether or not the access faults in the end.',
  },
  'dirty-lost': {
    caption: (e, n) => `Dirty of ${n.page(e.vpn)} is cleared unseen: pfn ${e.pfn} was written, and counts as clean`,
    mark: () => 'Dirty lost',
    tone: 'damage',
    also: true,
    why: 'A walker has set Dirty after the PTE was read and before it was cleared. Only an exchange sees the last of it.',
  },
  'write-lost': {
    caption: (e, n) => `the write to ${n.page(e.vpn)} lands in pfn ${e.pfn} after its bytes were taken: it is lost`,
    mark: () => 'lost write',
    tone: 'damage',
    also: true,
    why: 'The page was copied, written out or compared as it was before. Nobody will ever see this write.',
  },
}
