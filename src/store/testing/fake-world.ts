import type { Pfn, Vpn } from '../../core/units.ts'
import type { FrameView, PageState, StepView, WorldView } from '../../core/view/world.ts'

const BUF = 0x7ffe4000

/** What the panels are shown of a fake run: two pages that are unmapped and then freed as the marks say. */
export function fakeWorld(film: readonly StepView[]): WorldView {
  const seen = (mark: string) => film.some(s => s.mark === mark)
  const freed = seen('free')
  const state = (i: number): PageState => (freed ? 'freed' : seen(`PTE ${i}`) ? 'unmapped' : 'mapped')
  const pages = [0, 1].map(i => ({
    vpn: (BUF + i) as Vpn,
    label: `buf[${i}]`,
    state: state(i),
    pfn: (state(i) === 'freed' ? null : 12 + i) as Pfn | null,
    writable: true,
  }))
  const iotlb = seen('fill')
    ? [
        {
          vpn: BUF as Vpn,
          label: 'buf[0]',
          pfn: 12 as Pfn,
          writable: true,
          state: freed ? ('damaging' as const) : seen('PTE 0') ? ('stale' as const) : ('live' as const),
        },
      ]
    : []
  const damaged = freed && film.at(-1)?.mark === 'write buf[0]'
  return {
    consumers: [],
    cpus: [
      {
        index: 0,
        name: 'CPU 0',
        task: 'app',
        running: 'munmap(buf, 4)',
        doing: film.findLast(s => s.actor.id === 0)?.op ?? '',
        finished: freed,
        lazy: false,
        tlb: [],
        tlbCapacity: 2,
        walkCache: [],
        walkCacheCapacity: 1,
        flushFrom: [],
        walk: null,
      },
    ],
    mm: {
      name: 'mm_struct app',
      mmapLock: '',
      vmas: [
        {
          id: 0,
          label: 'buf',
          range: { start: BUF as Vpn, end: (BUF + 2) as Vpn },
          kind: 'anon',
          protection: 'rw-',
          mapped: true,
        },
      ],
      pages,
      tables: [
        {
          level: 'PTE',
          pfn: 5 as Pfn,
          base: BUF as Vpn,
          state: 'linked',
          lockedBy: '',
          entries: pages.map((p, index) => ({
            index,
            label: p.label,
            vpn: p.vpn,
            pfn: p.state === 'mapped' ? p.pfn : null,
            writable: true,
            dirty: false,
          })),
        },
      ],
    },
    gathers: [],
    frames: Array.from({ length: 16 }, (_, pfn) => frame(pfn, state, damaged)),
    iommu: {
      driver: 'naive',
      root: 'real',
      rootPfn: 2 as Pfn,
      iotlb,
      iotlbCapacity: 2,
      walkCache: [],
      walkCacheCapacity: 1,
      queue: [],
      queueCapacity: 1,
      drainsWalks: true,
    },
    devices: [
      {
        index: 0,
        name: 'GPU 0',
        script: [{ text: 'write buf[0]', state: 'current' }],
        atc: null,
        phase: 'idle',
        walk: null,
        steps: [],
      },
    ],
    notifier: { subscribed: true, openPairs: 0, callbacks: [] },
    rules: [
      {
        id: 'I1',
        sentence: 'No access reaches a freed frame',
        verdict: damaged ? 'violated' : 'holds',
        detail: damaged ? 'GPU 0 wrote to frame 12' : '',
      },
      { id: 'I2', sentence: 'No walk reads a freed page-table page', verdict: 'holds', detail: '' },
    ],
  }
}

function frame(pfn: number, state: (i: number) => PageState, damaged: boolean): FrameView {
  const index = pfn - 12
  const mine = index === 0 || index === 1
  const use =
    pfn < 2
      ? 'reserved'
      : pfn < 6
        ? 'table'
        : !mine || state(index) === 'freed'
          ? 'free'
          : state(index) === 'unmapped'
            ? 'unmapped'
            : 'mapped'
  return {
    pfn: pfn as Pfn,
    use,
    owner: use === 'free' ? '' : use === 'reserved' ? 'kernel' : 'app',
    label: mine && use !== 'free' ? `buf[${index}]` : use === 'table' ? 'PTE' : '',
    refcount: use === 'free' ? 0 : 1,
    mapcount: use === 'mapped' ? 1 : 0,
    lastWriter: damaged && index === 0 ? 'GPU 0' : '',
    looksLikePte: null,
    damaged: damaged && index === 0,
  }
}
