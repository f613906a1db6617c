import { hexAddr, type PageRange, pagesIn } from '../../core/units.ts'
import type {
  ConsumerView,
  CpuView,
  DeviceView,
  FrameView,
  GatherView,
  InvalidationView,
  IommuView,
  MmView,
  NotifierView,
  PageRequestsView,
  TlbEntryView,
  WalkEntryView,
  WalkView,
  WorldView,
} from '../../core/view/world.ts'
import { entryWords, frameWords, type PageName, pageNames, pageWords } from '../shared/words.ts'

/** A picture of the stage as rows and columns. The first cell of a row names it. */
export interface TableTwin {
  readonly id: string
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly TableRow[]
}

export interface TableRow {
  /** The same in every state for the same thing, so that states can be compared. */
  readonly key: string
  readonly cells: readonly string[]
}

/** Everything the stage shows, in the order in which it stands there. */
export function tablesOf(world: WorldView): readonly TableTwin[] {
  const nameOf = pageNames(world)
  return [
    ...world.cpus.flatMap(cpuTables),
    ...mmTables(world.mm),
    ...world.gathers.map(gatherTable),
    framesTable(world.frames),
    ...iommuTables(world.iommu, nameOf),
    ...world.devices.flatMap(device => [deviceTable(device), ...atcTables(device)]),
    ...world.consumers.flatMap(consumerTables),
    notifierTable(world.notifier),
  ]
}

const twin = (id: string, caption: string, columns: readonly string[], rows: readonly TableRow[]): TableTwin => ({
  id,
  caption,
  columns,
  rows,
})
const row = (key: string | number, ...cells: readonly (string | number)[]): TableRow => ({
  key: String(key),
  cells: cells.map(String),
})
const facts = (id: string, caption: string, pairs: readonly (readonly [string, string | number])[]): TableTwin =>
  twin(
    id,
    caption,
    ['What', 'Now'],
    pairs.map(([name, value]) => row(name, name, value)),
  )

function cpuTables(cpu: CpuView): readonly TableTwin[] {
  const id = `cpu${cpu.index}`
  return [
    facts(id, cpu.name, [
      ['task', cpu.task || 'none'],
      ['running', cpu.running || 'nothing'],
      ['next operation', cpu.finished ? 'finished' : cpu.doing || 'idle'],
      ['lazy TLB', yes(cpu.lazy)],
      ['asked to flush by', cpu.flushFrom.map(i => `CPU ${i}`).join(', ') || 'nobody'],
      ['walk', walkText(cpu.walk)],
      ...modeRows(cpu),
    ]),
    tlbTable(`${id}-tlb`, `TLB of ${cpu.name}, ${cpu.tlb.length} of ${cpu.tlbCapacity}`, cpu.tlb),
    walkTable(`${id}-pwc`, `Walk cache of ${cpu.name}`, cpu.walkCache),
  ]
}

/** What only some CPUs have: a flush that was put off, disabled interrupts, a walk in software. */
const modeRows = ({ irqsOff, gup, owesFlush }: CpuView): [string, string][] => [
  ...(owesFlush === undefined ? [] : [['owes a flush of', `${owesFlush} entries`] satisfies [string, string]]),
  ...(irqsOff === true ? [['interrupts', 'disabled'] satisfies [string, string]] : []),
  ...(gup === undefined
    ? []
    : [
        ['GUP-fast', walkText(gup.walk)] satisfies [string, string],
        ['reference to', gup.held === null ? 'nothing' : `pfn ${gup.held}`] satisfies [string, string],
      ]),
]

function tlbTable(id: string, caption: string, entries: readonly TlbEntryView[]): TableTwin {
  return twin(
    id,
    caption,
    ['Page', 'Frame', 'Access', 'State'],
    entries.map(e => row(e.label, e.label, e.pfn, e.writable ? 'rw' : 'r', entryWords[e.state])),
  )
}

function walkTable(id: string, caption: string, entries: readonly WalkEntryView[]): TableTwin {
  return twin(
    id,
    caption,
    ['Names', 'Index', 'Frame', 'State'],
    entries.map(e => row(`${e.level} ${e.index}`, `${e.level} table`, e.index, e.table, entryWords[e.state])),
  )
}

function mmTables(mm: MmView): readonly TableTwin[] {
  return [
    facts('mm', mm.name, [
      ['mmap lock', mm.mmapLock || 'free'],
      ...(mm.flushesPutOff === undefined
        ? []
        : [['flushes put off', mm.flushesPutOff > 0 ? 'not answered yet' : 'none'] satisfies [string, string]]),
    ]),
    twin(
      'vmas',
      'VMAs',
      ['VMA', 'Pages', 'From', 'Kind', 'Access', 'In the tree'],
      mm.vmas.map(v =>
        row(
          v.id,
          v.label,
          pagesIn(v.range),
          hexAddr(v.range.start),
          v.kind,
          v.protection,
          v.mapped ? 'yes' : 'removed',
        ),
      ),
    ),
    twin(
      'pages',
      'Pages of the address space',
      ['Page', 'State', 'Frame', 'Access'],
      mm.pages.map(p =>
        row(
          p.vpn,
          p.label,
          p.soft === undefined ? pageWords[p.state] : `${pageWords[p.state]}; ${p.soft}`,
          p.pfn ?? 'none',
          p.writable ? 'rw' : 'r',
        ),
      ),
    ),
    twin(
      'tables',
      'Page tables',
      ['Table', 'Frame', 'State', 'Locked by', 'From'],
      mm.tables.map(t =>
        row(`${t.level} ${t.base} ${t.pfn}`, t.level, t.pfn, t.state, t.lockedBy || 'nobody', hexAddr(t.base)),
      ),
    ),
    twin(
      'entries',
      'Page-table entries',
      ['Entry', 'For', 'Frame', 'Flags'],
      mm.tables.flatMap(t =>
        t.entries.map(e =>
          row(
            `${t.level} ${t.base} ${t.pfn} ${e.index}`,
            `${t.level}[${e.index}]`,
            e.label || 'table',
            e.pfn ?? 'none',
            e.pfn === null ? '' : `${e.writable ? 'rw' : 'r'}${e.dirty ? ' dirty' : ''}`,
          ),
        ),
      ),
    ),
  ]
}

function gatherTable(gather: GatherView): TableTwin {
  const items = [
    ...gather.pages.map(p => ({ ...p, what: 'page' })),
    ...gather.tables.map(p => ({ ...p, what: 'page table' })),
  ]
  return twin(
    `gather-${gather.task}`,
    `mmu_gather of ${gather.task}: ${gather.active ? `in use, ${rangeText(gather.range)}` : 'not in use'}${gather.freedTables ? ', freed_tables set' : ''}`,
    ['Frame', 'What', 'State'],
    items.map(p => row(`${p.what} ${p.pfn}`, p.pfn, p.what, p.freed ? 'freed' : 'waits for the flush')),
  )
}

/** Runs of free frames are one row: four thousand equal lines help nobody. */
function framesTable(frames: readonly FrameView[]): TableTwin {
  const rows: TableRow[] = []
  for (let i = 0; i < frames.length; i++) {
    const f = frames[i] as FrameView
    let end = i
    while (isBlank(f) && isBlank(frames[end + 1])) end++
    const name = end > i ? `${f.pfn} to ${frames[end]?.pfn}` : `${f.pfn}`
    const use = f.damaged ? `${frameWords[f.use]}, damaged` : frameWords[f.use]
    const bits = f.bitsSet === undefined ? '' : `, ${f.bitsSet} set by a walk`
    const contents = `${f.label}${f.looksLikePte === null ? '' : `, as a PTE names frame ${f.looksLikePte}`}${bits}`
    rows.push(row(name, name, use, f.owner, contents, f.refcount, f.mapcount, f.lastWriter))
    i = end
  }
  return twin(
    'frames',
    `Physical memory, ${frames.length.toLocaleString('en')} frames`,
    ['Frame', 'Use', 'Owner', 'Contents', 'refcount', 'mapcount', 'Last writer'],
    rows,
  )
}

const isBlank = (f: FrameView | undefined): boolean =>
  f !== undefined && f.use === 'free' && !f.damaged && f.lastWriter === '' && f.looksLikePte === null

function iommuTables(iommu: IommuView, nameOf: PageName): readonly TableTwin[] {
  return [
    facts('iommu', 'IOMMU', [
      ['driver', iommu.driver],
      ...(iommu.dialect === undefined ? [] : [['commands', iommu.dialect] as const]),
      ...(iommu.pasids === undefined
        ? [['PASID root', rootText(iommu)] as const]
        : iommu.pasids.map(p => [`PASID ${p.pasid}, ${p.mm}`, `${p.state}, root ${rootText(p)}`] as const)),
      ['drains walks in flight', yes(iommu.drainsWalks)],
    ]),
    tlbTable('iotlb', `IOTLB, ${iommu.iotlb.length} of ${iommu.iotlbCapacity}`, iommu.iotlb),
    walkTable('iommu-pwc', 'Walk cache of the IOMMU', iommu.walkCache),
    twin(
      'queue',
      'Invalidation queue',
      ['Place', 'Range', iommu.dialect === undefined ? 'Levels' : 'Command', 'By'],
      iommu.queue.map((q, i) => row(i, i + 1, rangeText(q.range, nameOf), commandText(q), q.by)),
    ),
    ...(iommu.pageRequests === undefined ? [] : [requestsTable(iommu.pageRequests)]),
  ]
}

const rootText = ({ root, rootPfn }: Pick<IommuView, 'root' | 'rootPfn'>): string =>
  rootPfn === null ? root : `${root}, frame ${rootPfn}`

/** Page requests wherever they are: in the queue, kept for the rest of their group, handed to the worker. */
function requestsTable({ queue, capacity, overflow, partial, groups }: PageRequestsView): TableTwin {
  const requests = [
    ...queue.map(r => ({ ...r, where: 'in the queue' })),
    ...partial.map(r => ({ ...r, where: 'until the last of its group comes' })),
  ]
  return twin(
    'page-requests',
    `Page requests, ${queue.length} of ${capacity} in the queue${overflow ? ', overflow' : ''}`,
    ['Device', 'Page', 'Tag', 'Where'],
    [
      ...requests.map((r, i) =>
        row(
          `request ${i}`,
          r.device,
          r.label,
          `${r.pasid === undefined ? '' : `PASID ${r.pasid}, `}group ${r.group}${r.last ? ', last' : ''}`,
          r.where,
        ),
      ),
      ...groups.map((g, i) =>
        row(`group ${i}`, g.device, g.pages.join(', '), `group ${g.group}, complete`, 'handed to the worker'),
      ),
    ],
  )
}

function commandText({ command, wait, device, leafOnly }: InvalidationView): string {
  if (command === undefined) return device !== '' ? `ATC of ${device}` : leafOnly ? 'leaf only' : 'all levels'
  const to = device === '' ? '' : `, for ${device}`
  return `${command.name}, ${command.fields}${to}${wait === undefined ? '' : `; then ${wait}`}`
}

function deviceTable(device: DeviceView): TableTwin {
  return facts(`device${device.index}`, device.name, [
    ['doing', device.phase],
    ['walk', walkText(device.walk)],
    ...device.script.map((s, i) => [`script ${i + 1}`, `${s.text}: ${s.state}`] as const),
    ...device.steps.map(
      (s, i) => [`access ${i + 1}`, `${s.text}: ${[s.state, s.note].filter(Boolean).join(', ')}`] as const,
    ),
  ])
}

function atcTables({ index, name, atc }: DeviceView): readonly TableTwin[] {
  if (atc === null) return []
  const state = atc.request === null ? '' : ', an Invalidate Request waits'
  const late = atc.completion ? ', a Translation Completion is on its way' : ''
  const caption = `ATC of ${name}, ${atc.entries.length} of ${atc.capacity}${state}${late}`
  return [tlbTable(`atc${index}`, caption, atc.entries)]
}

function consumerTables({
  index,
  name,
  kind,
  what,
  facts: values,
  lists,
  threads,
}: ConsumerView): readonly TableTwin[] {
  const id = `consumer${index}`
  return [
    facts(id, name, [
      ['kind', `${kind}: ${what}`],
      ...values.map(fact => [fact.name, fact.value] as const),
      ...threads.flatMap(thread => [
        [thread.name, thread.doing] as const,
        ...thread.steps.map(
          (s, i) =>
            [`${thread.name}, step ${i + 1}`, `${s.text}: ${[s.state, s.note].filter(Boolean).join(', ')}`] as const,
        ),
      ]),
    ]),
    ...lists.map(list =>
      twin(
        `${id}-${list.title}`,
        `${list.title} of ${name}`,
        ['Entry', 'Page', 'Frame', 'Access', 'State'],
        list.entries.map(({ tag, label, entry }) =>
          entry === null
            ? row(tag, tag, label, 'none', '', '')
            : row(tag, tag, label, entry.pfn, entry.writable ? 'rw' : 'r', entryWords[entry.state]),
        ),
      ),
    ),
  ]
}

function notifierTable(notifier: NotifierView): TableTwin {
  return facts('notifier', 'MMU notifier', [
    ['subscribed', yes(notifier.subscribed)],
    ['open start/end pairs', notifier.openPairs],
    ['callbacks', notifier.callbacks.join(', ') || 'none'],
  ])
}

const yes = (value: boolean): string => (value ? 'yes' : 'no')
const walkText = (walk: WalkView | null): string =>
  walk === null ? 'none' : `${walk.label}, ${walk.write ? 'write' : 'read'}: ${walk.level} in frame ${walk.table} next`

function rangeText(range: PageRange | 'all' | null, nameOf: PageName = hexAddr): string {
  if (range === null) return 'no range'
  if (range === 'all') return 'everything'
  const pages = pagesIn(range)
  return pages === 1 ? nameOf(range.start) : `${nameOf(range.start)}, ${pages} pages`
}
