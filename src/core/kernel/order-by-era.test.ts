import { expect, it } from 'vitest'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { opsOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'

/* Where a callback, a flush or a put_page stands among the other steps, in the kernels that had it elsewhere than 6.12. */

const child = buf({ name: 'child', at: '0x200000000000', pages: 1, mm: 'child', sharesWith: 'buf' })
const shared = scenarioOf({
  frames: 16,
  regions: [buf({ pages: 1 }), child],
  cpus: [
    app({ do: 'write', page: 'buf[0]' }),
    { task: 'child', tlb: 1, walkCache: 0, script: [{ do: 'read', page: 'child[0]' }] },
  ],
  devices: [gpu()],
})

const by = (task: 'app' | 'kernel', action: CpuAction, region: Partial<ReturnType<typeof buf>> = {}): Scenario =>
  scenarioOf({
    frames: 16,
    regions: [buf({ pages: 2, ...region })],
    cpus: [{ ...app(action), task }, app()],
    devices: [gpu()],
  })

/** Those of `fns` that the CPU does, in its order. */
const order = (scenario: Scenario, chosen: Chosen, ...fns: string[]): string[] =>
  opsOf(runAlone(labOf(scenario, chosen)), 'CPU 0')
    .map(op => op.split(' ')[0] ?? '')
    .filter(fn => fns.includes(fn))

const [START, END] = ['__mmu_notifier_invalidate_range_start', '__mmu_notifier_invalidate_range_end']
const PAGE = '__mmu_notifier_invalidate_page'
const RANGE = '__mmu_notifier_invalidate_range'

it('copy on write of 2.6.27 has no pair: invalidate_page comes between clear and set, under the lock', () => {
  expect(
    order(shared, { kernel: '2.6.27' }, START, END, PAGE, 'ptep_clear_flush', 'set_pte_at', 'pte_unmap_unlock'),
  ).toEqual(['ptep_clear_flush', PAGE, 'set_pte_at', 'pte_unmap_unlock'])
  expect(order(shared, { kernel: '3.7' }, START, END, PAGE, 'ptep_clear_flush')).toEqual([
    START,
    'ptep_clear_flush',
    END,
  ])
})

it.each([
  ['3.7', [START, 'flush_tlb_range', END]],
  ['3.18', [START, END, 'flush_tlb_range']],
  ['6.1', [START, END, 'flush_tlb_mm_range']],
] as const)('%s: the flush of mprotect() and its pair', (kernel, steps) => {
  const protect = by('app', { do: 'mprotect', region: 'buf', to: 'r' })
  expect(order(protect, { kernel }, START, END, 'flush_tlb_range', 'flush_tlb_mm_range')).toEqual(steps)
})

it.each([
  ['3.7', ['pte_unmap_unlock', 'flush_tlb_mm_range', 'tlb_batch_pages_flush']],
  ['3.18', ['flush_tlb_mm_range', 'pte_unmap_unlock', 'tlb_batch_pages_flush']],
] as const)('%s: the flush that a full batch forces, and the page-table lock', (kernel, steps) => {
  const full = { ...by('app', { do: 'madvise-dontneed', region: 'buf' }), batchSize: 1 }
  expect(
    order(full, { kernel }, 'flush_tlb_mm_range', 'pte_unmap_unlock', 'tlb_batch_pages_flush').slice(0, 3),
  ).toEqual(steps)
})

it('writeback of 4.13 calls invalidate_range when the PTE is set again, and still under the lock', () => {
  const writeback = by('kernel', { do: 'writeback', region: 'buf', pages: 1 }, { kind: 'file' })
  expect(order(writeback, { kernel: '4.13' }, 'ptep_clear_flush', 'set_pte_at', RANGE, END)).toEqual([
    'ptep_clear_flush',
    'set_pte_at',
    RANGE,
    RANGE,
    END,
  ])
})

it('reclaim of 6.1 calls invalidate_range when the swap entry is in place', () => {
  const reclaim = by('kernel', { do: 'reclaim', region: 'buf', pages: 1 })
  const film = order(
    reclaim,
    { kernel: '6.1' },
    'ptep_clear_flush',
    'ptep_get_and_clear',
    'try_to_unmap_one',
    RANGE,
    END,
  )
  expect(film.slice(1)).toEqual(['try_to_unmap_one', RANGE, RANGE, END])
})

it('ksmd puts the page that it replaces under the lock, before end()', () => {
  const merge = by('kernel', { do: 'ksm-merge', page: 'buf[0]', with: 'buf[1]' })
  const film = order(merge, { kernel: '6.6' }, 'page_remove_rmap', 'put_page', 'pte_unmap_unlock', END)
  expect(film.slice(film.indexOf('page_remove_rmap'))).toEqual([
    'page_remove_rmap',
    'put_page',
    'pte_unmap_unlock',
    END,
    'put_page',
  ])
})

it('fork() makes the VMA of the child before it tells anybody that the parent’s pages change', () => {
  const fork: Scenario = {
    ...shared,
    memory: { ...shared.memory, regions: [buf({ pages: 1 }), { ...child, present: 'none', unmapped: true }] },
    cpus: [app({ do: 'fork' }), ...shared.cpus.slice(1)],
  }
  expect(order(fork, { kernel: '6.6' }, 'vm_area_dup', START)).toEqual(['vm_area_dup', START])
})
