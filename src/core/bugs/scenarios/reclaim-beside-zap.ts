import { known } from '../../base/assert.ts'
import type { Scenario } from '../../scenarios/scenario.ts'
import { parallelZaps } from './parallel-zaps.ts'

/** B23, B25: the page of parallelZaps is reclaimed while its process drops it. No device: the CPU’s own TLB has the stale entry. */
export const reclaimBesideZap: Scenario = {
  ...parallelZaps,
  id: 'reclaim-beside-zap',
  title: 'A page is reclaimed while its process drops it',
  purpose:
    'kswapd unmaps a page and puts the flush of the CPUs off. Before it is done the process drops the same page, and writes it before and after.',
  lookFor: 'The process finds no PTE to clear. Does it return before its TLB is flushed?',
  bugs: ['B23', 'B25'],
  cpus: [
    { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'reclaim', region: 'buf' }] },
    known(parallelZaps.cpus[1], 'the thread that writes'),
  ],
  accounts: ['promises', 'contents'],
}
