import type { Pfn, Vpn } from '../../units.ts'
import type { Tellings } from './telling.ts'

interface Of {
  readonly consumer: number
  readonly who: string
}

/** What the interval tree, its subscribers and drivers with page tables of their own do. */
export type IntervalEvent =
  | (Of & { readonly type: 'subscription-used-after-free'; readonly where: string })
  | { readonly type: 'itree-started'; readonly seq: number; readonly active: number; readonly concerns: boolean }
  | { readonly type: 'itree-ended'; readonly seq: number; readonly active: number; readonly last: boolean }
  | (Of & { readonly type: 'interval-told'; readonly seq: number })
  | (Of & { readonly type: 'interval-sampled'; readonly seq: number; readonly running: boolean })
  | (Of & { readonly type: 'interval-awake'; readonly seq: number })
  | (Of & { readonly type: 'interval-checked'; readonly vpn: Vpn; readonly asked: boolean })
  | (Of & { readonly type: 'pages-found'; readonly vpn: Vpn; readonly pfn: Pfn })
  | (Of & { readonly type: 'device-faulted'; readonly vpn: Vpn; readonly why: string })
  | (Of & { readonly type: 'device-ptes-cleared'; readonly dropped: number })
  | (Of & { readonly type: 'device-tlb-flushed'; readonly dropped: number })
  | (Of & { readonly type: 'interval-removed'; readonly deferred: boolean })
  /** `how`: what became of it. */
  | (Of & { readonly type: 'interval-inserted'; readonly how: string })
  | (Of & { readonly type: 'interval-taken-out' })
  | (Of & { readonly type: 'subscription-freed' })
  | (Of & { readonly type: 'start-refused' })
  | (Of & { readonly type: 'subscriber-listed' })
  | (Of & { readonly type: 'subscriber-unlisted' })
  | { readonly type: 'reap-put-off'; readonly givesUp: boolean }
  | (Of & { readonly type: 'pages-pinned'; readonly vpn: Vpn; readonly pfn: Pfn; readonly count: number })

const entries = (n: number): string => (n === 0 ? 'nothing was there' : n === 1 ? 'one entry goes' : `${n} entries go`)

export const intervalTellings: Tellings<IntervalEvent> = {
  'subscription-used-after-free': {
    caption: e => `${e.where} uses the subscription of ${e.who}, which its driver has freed`,
    mark: () => 'freed subscription',
    tone: 'damage',
    also: true,
    why: 'The driver had been told that nobody uses it any more: it may free the memory, and has.',
  },
  'interval-told': {
    caption: e => `the subscription of ${e.who} is at ${e.seq}: what was sampled before must start over`,
    mark: e => `told ${e.seq}`,
    tone: 'invalidated',
  },
  'device-ptes-cleared': {
    caption: e => `device PTEs of ${e.who} are cleared: ${entries(e.dropped)}`,
    mark: e => `clear ${e.dropped}`,
    tone: 'invalidated',
  },
  'device-tlb-flushed': {
    caption: e => `the device’s TLB of ${e.who} is flushed: ${entries(e.dropped)}`,
    mark: e => `flush ${e.dropped}`,
    tone: 'invalidated',
  },
  'itree-started': {
    caption: e =>
      `active_invalidate_ranges is ${e.active}, invalidate_seq is ${e.seq}${e.concerns ? ': odd, an invalidation of some subscriber runs' : ''}`,
    mark: e => `seq ${e.seq}`,
    tone: 'mapped',
  },
  'itree-ended': {
    caption: e =>
      e.last
        ? `active_invalidate_ranges is 0, invalidate_seq is ${e.seq}: even again, who sleeps may wake`
        : `active_invalidate_ranges is ${e.active}, invalidate_seq stays ${e.seq}`,
    mark: e => `seq ${e.seq}`,
    tone: 'mapped',
  },
  'interval-sampled': {
    caption: e =>
      `${e.who} remembers the sequence of its subscription: ${e.seq}${e.running ? ', and must sleep: an invalidation is running' : ''}`,
    mark: e => `seq ${e.seq}`,
    tone: 'neutral',
  },
  'interval-awake': {
    caption: e => `${e.who} is awake: invalidate_seq is ${e.seq}`,
    mark: () => 'awake',
    tone: 'neutral',
  },
  'interval-checked': {
    caption: (e, n) =>
      e.asked
        ? `nobody has been told of an invalidation of ${n.page(e.vpn)} since: ${e.who} may go on, and holds the lock`
        : `${e.who} takes the lock and does not ask whether ${n.page(e.vpn)} is as it was`,
    mark: () => 'check',
    tone: 'neutral',
  },
  'pages-found': {
    caption: (e, n) => `${e.who} finds pfn ${e.pfn} for ${n.page(e.vpn)}, and takes no reference`,
    mark: e => `pfn ${e.pfn}`,
    tone: 'neutral',
  },
  'device-faulted': {
    caption: (e, n) => `${e.who} faults at ${n.page(e.vpn)}: ${e.why}`,
    mark: () => 'fault',
    tone: 'neutral',
  },
  'interval-removed': {
    caption: e =>
      e.deferred
        ? `the subscription of ${e.who} is put on the deferred list: an invalidation is running, the tree must not change`
        : `the subscription of ${e.who} is out of the tree`,
    mark: e => (e.deferred ? 'deferred' : 'removed'),
    tone: 'neutral',
  },
  'interval-inserted': {
    caption: e => `the subscription of ${e.who} ${e.how}`,
    mark: () => 'insert',
    tone: 'neutral',
  },
  'interval-taken-out': {
    caption: e => `the subscription of ${e.who} is taken out of the tree, as was asked for before`,
    mark: () => 'removed',
    tone: 'neutral',
  },
  'subscription-freed': {
    caption: e => `the driver of ${e.who} frees its subscription`,
    mark: () => 'kfree',
    tone: 'freed',
  },
  'subscriber-listed': {
    caption: e => `${e.who} is in the list of subscribers: from the next start() on it is called`,
    mark: () => 'registered',
    tone: 'mapped',
  },
  'subscriber-unlisted': {
    caption: e => `${e.who} is out of the list. Whoever has found it there before still calls it`,
    mark: () => 'out of the list',
    tone: 'neutral',
  },
  'start-refused': {
    caption: e => `${e.who} answers -EAGAIN: it would have to sleep, and must not`,
    mark: () => '-EAGAIN',
    tone: 'neutral',
  },
  'reap-put-off': {
    caption: e =>
      e.givesUp
        ? 'the OOM reaper gives up: a part of the memory stays'
        : 'a part was refused: the OOM reaper sleeps for 100 ms and tries all of it again',
    mark: e => (e.givesUp ? 'gives up' : 'again'),
    tone: 'neutral',
  },
  'pages-pinned': {
    caption: (e, n) => `${e.who} pins pfn ${e.pfn} of ${n.page(e.vpn)}: ${e.count} references`,
    mark: e => `pin ${e.pfn}`,
    tone: 'neutral',
  },
}
