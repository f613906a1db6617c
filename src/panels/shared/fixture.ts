import type { SimEvent } from '../../core/machine/event.ts'
import { asPfn, asVpn, type Level, type PageRange, type Pfn, tableBase, type Vpn } from '../../core/units.ts'
import type {
  ActorView,
  FrameUse,
  FrameView,
  MoveView,
  PageView,
  PhaseView,
  RibbonView,
  RuleView,
  StepView,
  TableEntryView,
  TableView,
  WorldView,
} from '../../core/view/world.ts'

/*
 * One moment, built by hand, for tests and for looking at panels: munmap(buf, 4) on a kernel without a callback between
 * unmap and free. The GPU refilled its IOTLB after invalidate_range_start(), frame 12 went to another process, and the
 * GPU now writes it.
 */

const BASE = ((255 * 512 + 511) * 512 + 18) * 512
const vpn = (page: number): Vpn => asVpn(BASE + page)
const range = (start: number, end: number): PageRange => ({ start: vpn(start), end: vpn(end) })
const label = (page: number): string => (page < 4 ? `buf[${page}]` : `heap[${page - 4}]`)

const actor = (id: number, name: string, kind: ActorView['kind'], lane = name): ActorView => ({ id, name, kind, lane })
const CPU0 = actor(0, 'CPU 0', 'cpu', 'CPU 0 munmap')
const CPU1 = actor(1, 'CPU 1', 'cpu', 'CPU 1 other')
const IOMMU = actor(2, 'IOMMU', 'iommu')
const GPU0 = actor(3, 'GPU 0', 'device')
const IPI1 = actor(4, 'CPU 1 interrupt', 'interrupt', 'CPU 1 other')

export const fixtureLanes: readonly string[] = ['CPU 0 munmap', 'CPU 1 other', 'IOMMU', 'GPU 0']

export const fixtureEvents: readonly SimEvent[] = [
  { type: 'tlb-hit', by: { kind: 'iommu' }, vpn: vpn(0), pfn: asPfn(12) },
  { type: 'device-accessed', device: 0, vpn: vpn(0), pfn: asPfn(12), write: true },
  {
    type: 'used-after-free',
    by: { kind: 'iommu' },
    vpn: vpn(0),
    pfn: asPfn(12),
    write: true,
    owner: 'other',
  },
]

/** A step of the fixture: the IOMMU reads a PTE. */
export const fixtureWalk: readonly SimEvent[] = [
  { type: 'walk-read', by: { kind: 'iommu' }, vpn: vpn(2), level: 'PTE', table: asPfn(5), found: asPfn(14) },
  { type: 'tlb-filled', by: { kind: 'iommu' }, vpn: vpn(2), pfn: asPfn(14), writable: true },
]

export const fixtureRules: readonly RuleView[] = [
  {
    id: 'I1',
    sentence: 'No access reaches a freed frame',
    verdict: 'violated',
    detail: 'GPU 0 wrote frame 12, which belongs to “other”.',
  },
  { id: 'I2', sentence: 'No walk reads a freed page-table page', verdict: 'holds', detail: '' },
  {
    id: 'I3',
    sentence: 'After munmap() returns, no translation of buf is left',
    verdict: 'warning',
    detail: 'The IOTLB still maps buf[2] to frame 14.',
  },
  { id: 'I4', sentence: 'No write goes through a read-only mapping', verdict: 'holds', detail: '' },
]

/** The world after step 12 of the fixture's film. */
export const fixtureWorld: WorldView = worldAt({ reused: true, damaged: true })
/** The world after step 11: the frame is reused, nobody has touched it yet. */
export const fixtureBefore: WorldView = worldAt({ reused: true, damaged: false })

const phase = (id: string, title: string, note: string, kind: PhaseView['kind'], amber = false): PhaseView => ({
  id,
  title,
  note,
  kind,
  amber,
})

export const fixtureRibbon: RibbonView = {
  title: 'munmap(buf, 4)',
  phases: [
    phase('start', 'invalidate_range_start', 'all pages still mapped', 'call'),
    phase('zap', 'zap_pte_range', 'PTEs cleared', 'work', true),
    phase('range', 'invalidate_range', '3.18 has none', 'hole', true),
    phase('end', 'invalidate_range_end', 'empty in this driver', 'empty', true),
    phase('flush', 'tlb_flush_mmu', 'CPU TLBs only', 'work', true),
    phase('free', 'free_pages_and_swap_cache', 'pages back to the allocator', 'work'),
  ],
}

/** A ribbon as long as they get. */
export const fixtureLongRibbon: RibbonView = {
  title: 'munmap(buf, 4)',
  phases: [
    phase('lock', 'mmap_write_lock', 'VMA detached', 'work'),
    phase('gather', 'tlb_gather_mmu', 'flush pending', 'work'),
    ...fixtureRibbon.phases.slice(0, 2),
    phase('forced', 'tlb_flush_mmu_tlbonly', 'batch full', 'work', true),
    phase('arch', 'arch_invalidate_secondary_tlbs', 'not in this kernel', 'hole', true),
    phase('batch', 'tlb_batch_pages_flush', 'first batch freed', 'work'),
    ...fixtureRibbon.phases.slice(3, 4),
    phase('pgtables', 'free_pgtables', 'tables unlinked', 'work', true),
    phase('flush2', 'tlb_flush', 'shootdown', 'work', true),
    phase('arch2', 'arch_invalidate_secondary_tlbs', 'outside the pair', 'call', true),
    phase('rcu', 'tlb_remove_table', 'queued for RCU', 'work', true),
    phase('free', 'free_pages_and_swap_cache', 'back to the allocator', 'work'),
    phase('unlock', 'mmap_read_unlock', '', 'work'),
  ],
}

type Tone = StepView['tone']
interface Sketch {
  readonly actor: ActorView
  readonly op: string
  readonly mark: string
  readonly sentence: string
  readonly tone: Tone
  readonly phase: number | null
  readonly exposed: number
}

const sketch = (
  who: ActorView,
  op: string,
  mark: string,
  sentence: string,
  tone: Tone,
  at: number | null,
  exposed = 0,
): Sketch => ({ actor: who, op, mark, sentence, tone, phase: at, exposed })

const script: readonly Sketch[] = [
  sketch(CPU0, 'mmap_write_lock', 'lock', 'CPU 0 takes the mmap lock for writing.', 'neutral', null),
  sketch(
    CPU0,
    'mmu_notifier_invalidate_range_start',
    'start',
    'CPU 0 calls invalidate_range_start for buf.',
    'mapped',
    0,
  ),
  sketch(IOMMU, 'amd_iommu_flush_page', 'flush', 'The IOMMU drops buf from the IOTLB.', 'invalidated', null),
  sketch(GPU0, 'dma_read', 'read buf[0]', 'GPU 0 reads buf[0] and the IOTLB fills again.', 'mapped', null),
  sketch(CPU0, 'zap_pte_range', 'PTE 0', 'CPU 0 clears the PTE of buf[0].', 'unmapped', 1, 1),
  sketch(CPU0, 'zap_pte_range', 'PTE 1', 'CPU 0 clears the PTE of buf[1].', 'unmapped', 1, 1),
  sketch(CPU0, 'zap_pte_range', 'PTE 2, 3', 'CPU 0 clears the PTEs of buf[2] and buf[3].', 'unmapped', 1, 2),
  sketch(CPU0, 'tlb_flush_mmu_tlbonly', 'flush TLB', 'CPU 0 flushes its own TLB.', 'invalidated', 4, 2),
  sketch(CPU0, 'free_pages_and_swap_cache', 'free 12', 'Frame 12 goes back to the allocator.', 'freed', 5, 2),
  sketch(CPU0, 'free_pages_and_swap_cache', 'free 13', 'Frame 13 goes back to the allocator.', 'freed', 5, 2),
  sketch(CPU1, 'do_anonymous_page', 'alloc 12', 'CPU 1 gives frame 12 to “other”.', 'neutral', null, 2),
  sketch(GPU0, 'dma_write', 'write buf[0]', 'GPU 0 writes through a stale IOTLB entry.', 'damage', null, 2),
  sketch(CPU0, 'free_pages_and_swap_cache', 'free 14', 'Frame 14 goes back to the allocator.', 'freed', 5, 1),
  sketch(CPU0, 'free_pages_and_swap_cache', 'free 15', 'Frame 15 goes back to the allocator.', 'freed', 5, 1),
  sketch(CPU0, 'mmap_write_unlock', 'unlock', 'CPU 0 drops the mmap lock.', 'neutral', null),
]

export const fixtureFilm: readonly StepView[] = script.map(toStep)

export const fixtureStep: StepView = {
  ...(fixtureFilm[11] as StepView),
  why: 'The page behind buf[0] went back to the allocator three steps ago, and CPU 1 gave it to another process. The IOTLB still maps buf[0] to it: start() flushed the IOTLB while the page was mapped, and the GPU filled it again before the PTE was cleared.',
  stack: ['GPU 0', 'dma_write'],
  file: 'hardware',
  events: fixtureEvents,
}

const move = (a: ActorView, alternative: number, text: string, op: string, reason = ''): MoveView => ({
  choice: { actor: a.id, alternative },
  actor: a,
  label: `${a.name}: ${text}`,
  op,
  ready: reason === '',
  reason,
})

export const fixtureMoves: readonly MoveView[] = [
  move(CPU0, 0, 'free frame 14', 'free_pages_and_swap_cache'),
  move(CPU1, 0, 'write frame 12', 'clear_user_highpage'),
  move(IPI1, 0, 'flush the TLB', 'flush_tlb_func', 'No flush request waits on CPU 1.'),
  move(GPU0, 0, 'read buf[2]', 'dma_read'),
  move(GPU0, 1, 'write buf[2]', 'dma_write'),
  move(IOMMU, 0, 'run a command', 'qi_submit_sync', 'The invalidation queue is empty.'),
]

/** A run of `length` steps, for what has to hold up when runs are long. */
export function longFilm(length: number): readonly StepView[] {
  return Array.from({ length }, (_, i) => toStep(script[i % script.length] as Sketch, i))
}

function toStep(s: Sketch, i: number): StepView {
  return {
    number: i + 1,
    choice: { actor: s.actor.id, alternative: 0 },
    actor: s.actor,
    op: s.op,
    file: 'mm/memory.c',
    stack: ['munmap', 'unmap_region', s.op],
    key: `munmap>unmap_region|${s.op}`,
    mark: s.mark,
    sentence: s.sentence,
    why: '',
    tone: s.tone,
    phase: s.phase,
    events: [],
    exposed: s.exposed,
  }
}

/** The same moment with `count` frames: what is beyond the first 32 is free. */
export function worldWithFrames(count: number): WorldView {
  const more = Array.from({ length: Math.max(0, count - 32) }, (_, i) => frame(32 + i, 'free', '', ''))
  return { ...fixtureWorld, frames: [...fixtureWorld.frames, ...more].slice(0, count) }
}

function worldAt({ reused, damaged }: { readonly reused: boolean; readonly damaged: boolean }): WorldView {
  return {
    consumers: [],
    cpus: [
      {
        index: 0,
        name: 'CPU 0',
        task: 'app',
        running: 'munmap(buf, 4)',
        doing: 'free_pages_and_swap_cache',
        finished: false,
        lazy: false,
        tlb: [],
        tlbCapacity: 3,
        walkCache: [],
        walkCacheCapacity: 2,
        flushFrom: [],
        walk: null,
      },
      {
        index: 1,
        name: 'CPU 1',
        task: 'other',
        running: 'page fault',
        doing: 'do_anonymous_page',
        finished: false,
        lazy: false,
        tlb: [{ vpn: asVpn(0x56002), label: 'data[0]', pfn: asPfn(12), writable: true, state: 'live' }],
        tlbCapacity: 3,
        walkCache: [],
        walkCacheCapacity: 2,
        flushFrom: [],
        walk: null,
      },
    ],
    mm: {
      name: 'mm_struct app',
      mmapLock: 'held for writing by CPU 0',
      vmas: [
        { id: 0, label: 'buf', range: range(0, 4), kind: 'anon', protection: 'rw-', mapped: false },
        { id: 1, label: 'heap', range: range(4, 12), kind: 'anon', protection: 'rw-', mapped: true },
      ],
      pages: Array.from({ length: 12 }, (_, i) => page(i)),
      tables: [
        table('PGD', 2, [entry(255, 3)]),
        table('PUD', 3, [entry(511, 4)]),
        table('PMD', 4, [entry(18, 5)]),
        table(
          'PTE',
          5,
          Array.from({ length: 12 }, (_, i) => entry(i, i < 4 ? null : 12 + i, label(i))),
        ),
      ],
    },
    gathers: [
      {
        task: 'app',
        active: true,
        range: range(0, 4),
        pages: [12, 13, 14, 15].map(pfn => ({ pfn: asPfn(pfn), freed: pfn < 14 })),
        tables: [],
        batchSize: 4,
        freedTables: false,
      },
    ],
    frames: Array.from({ length: 32 }, (_, i) => frameAt(i, reused, damaged)),
    iommu: {
      driver: 'empty-table',
      root: 'real',
      rootPfn: asPfn(2),
      iotlb: [
        { vpn: vpn(0), label: 'buf[0]', pfn: asPfn(12), writable: true, state: 'damaging' },
        { vpn: vpn(2), label: 'buf[2]', pfn: asPfn(14), writable: true, state: 'stale' },
        { vpn: vpn(8), label: 'heap[4]', pfn: asPfn(20), writable: false, state: 'live' },
      ],
      iotlbCapacity: 4,
      walkCache: [{ level: 'PTE', index: 18, table: asPfn(5), state: 'live' }],
      walkCacheCapacity: 2,
      queue: [],
      queueCapacity: 2,
      drainsWalks: false,
    },
    devices: [
      {
        index: 0,
        name: 'GPU 0',
        script: [
          { text: 'read buf[0]', state: 'done' },
          { text: 'write buf[0]', state: 'current' },
          { text: 'read buf[2]', state: 'ahead' },
        ],
        atc: null,
        phase: 'idle',
        walk: null,
        steps: [
          { text: 'look up IOTLB', state: 'done', note: 'hit' },
          { text: 'walk page table', state: 'skipped', note: 'skipped' },
          { text: damaged ? 'write pfn 12' : 'access', state: damaged ? 'done' : 'ahead', note: '' },
        ],
      },
    ],
    notifier: { subscribed: true, openPairs: 0, callbacks: ['invalidate_range_start', 'invalidate_range_end'] },
    rules: fixtureRules,
  }
}

function page(i: number): PageView {
  if (i < 2) return { vpn: vpn(i), label: label(i), state: 'freed', pfn: null, writable: false }
  if (i < 4) return { vpn: vpn(i), label: label(i), state: 'unmapped', pfn: asPfn(12 + i), writable: false }
  return { vpn: vpn(i), label: label(i), state: 'mapped', pfn: asPfn(12 + i), writable: true }
}

function table(level: Level, pfn: number, entries: readonly TableEntryView[]): TableView {
  return { level, pfn: asPfn(pfn), base: tableBase(level, vpn(0)), state: 'linked', lockedBy: '', entries }
}

function entry(index: number, pfn: number | null, text = ''): TableEntryView {
  const at: Pfn | null = pfn === null ? null : asPfn(pfn)
  return { index, label: text, vpn: vpn(text === '' ? 0 : index), pfn: at, writable: true, dirty: false }
}

function frameAt(i: number, reused: boolean, damaged: boolean): FrameView {
  if (i < 2 || i > 29) return frame(i, 'reserved', 'kernel', 'kernel')
  if (i < 6) return frame(i, 'table', 'app', ['PGD', 'PUD', 'PMD', 'PTE'][i - 2] ?? '')
  if (i === 12 && reused) {
    return {
      ...frame(i, 'reused', 'other', 'other'),
      damaged,
      lastWriter: damaged ? 'GPU 0' : 'CPU 1',
    }
  }
  if (i === 14 || i === 15) return frame(i, 'unmapped', 'app', label(i - 12))
  if (i > 15 && i < 24) return frame(i, 'mapped', 'app', label(i - 12))
  return frame(i, 'free', '', '')
}

function frame(i: number, use: FrameUse, owner: string, text: string): FrameView {
  const held = use === 'free' ? 0 : 1
  return {
    pfn: asPfn(i),
    use,
    owner,
    label: text,
    refcount: held,
    mapcount: use === 'mapped' ? 1 : 0,
    lastWriter: '',
    looksLikePte: null,
    damaged: false,
  }
}
