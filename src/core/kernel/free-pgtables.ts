import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { hasFeatures } from '../machine/features.ts'
import { pteAt, ptePfn, ptePresent, setPte, setTableFrame, tableFrame, tableUnused } from '../machine/page-table.ts'
import { type Resource, span } from '../machine/resources.ts'
import { setLinked } from '../machine/reverse-map.ts'
import { pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import type { Condition, Part } from '../threads/footprint.ts'
import { hexAddr } from '../units.ts'
import { freesFrames } from './frame-footprint.ts'
import { gatherTable } from './mmu-gather.ts'
import { rmapLockBlocked, rmapLockNeeds } from './rmap-lock.ts'
import { flushTableBatch, tableBatchFull } from './table-batch.ts'
import { freesTablesAtOnce } from './table-users.ts'
import { mmOf, type Task, walked } from './task.ts'

const FILE = 'mm/memory.c'
const FUNCTIONS = {
  PTE: 'free_pte_range',
  PMD: 'free_pmd_range',
  PUD: 'free_pud_range',
  PGD: 'free_pgd_range',
} as const

const PHASE = {
  id: 'pgtables',
  title: 'free_pgtables',
  note: 'tables unlinked, queued',
  kind: 'work',
  amber: true,
} as const

/**
 * free_pgtables(), mm/memory.c: page tables that no VMA needs any more are taken out, bottom up, and queued in the gather. It
 * runs after invalidate_range_end(), so no start/end pair is open; no page-table lock is taken.
 */
export function freePgtables(t: Task, lo: number, hi: number): void {
  const { asm, s } = t
  const candidates = bottomUp(s.shape.places, mmOf(t).root).filter(
    p => p.parent >= 0 && p.firstPage < hi && p.endPage > lo,
  )
  asm.within('free_pgtables', () => {
    asm.beginPhase(PHASE)
    const batches = s.policy.tableFree === 'rcu' && Number.isFinite(s.tableBatch)
    const labels = candidates.map(() => asm.label())
    const end = asm.label()
    const { resources: r } = s
    const nextFrom = (m: Machine, from: number): number => {
      for (let i = from; i < candidates.length; i++) {
        if (tableUnused(s.shape, m, (candidates[i] as TablePlace).id)) return labels[i]?.at ?? end.at
      }
      return end.at
    }
    asm.op({
      fn: 'unlink_file_vma',
      file: 'mm/mmap.c',
      label: 'take the VMAs out of their reverse maps',
      why: 'From here on reclaim and truncate cannot find these VMAs, though translations of them may still exist.',
      needs: rmapLockNeeds(t, lo, hi),
      blocked: rmapLockBlocked,
      run: (m, emit) => {
        emit?.({ type: 'free-pgtables-started' })
        setLinked(s.shape, m, lo, hi, false)
        return nextFrom(m, 0)
      },
      touches: [{ reads: onWhich(candidates.flatMap(place => unused(t, place))) }],
      goes: [...labels, end],
    })
    candidates.forEach((place, i) => {
      const full = asm.label()
      asm.place(labels[i] ?? asm.label())
      asm.op({
        fn: FUNCTIONS[place.level],
        file: FILE,
        label: `unlink the ${place.level} table of ${hexAddr(place.base)}`,
        why: 'The parent entry is cleared and the table waits to be freed. A paging-structure cache may still name it.',
        run: (m, emit) => {
          unlinkTable(t, m, place, Math.max(lo, place.firstPage), emit)
          return tableBatchFull(t, m) ? full.at : nextFrom(m, i + 1)
        },
        touches: [
          ...(freesTablesAtOnce(t) ? freesFrames(s) : []),
          { writes: [r.table(place.id)], reads: [r.root], merges: [r.gatherRange(t.cpu)] },
          { writes: [r.uncoveredTable(place.id)], now: m => walked(t, m) },
          ...(mayLoseEntries(s, place) ? entriesLost(s, place) : []),
          { reads: onWhich(candidates.slice(i + 1).flatMap(other => unused(t, other))) },
        ],
        only: unused(t, place),
        goes: [...labels.slice(i + 1), ...(batches ? [full] : []), end],
      })
      if (!batches) return
      asm.place(full)
      flushTableBatch(t, { goes: [...labels.slice(i + 1), end], to: m => nextFrom(m, i + 1) })
      asm.beginPhase(PHASE)
    })
    asm.place(end)
  })
}

/** tableUnused(), in pieces: there is a table, and no VMA covers any of its pages. */
function unused({ s }: Task, { id, firstPage, endPage }: TablePlace): Condition[] {
  const { resources: r, shape } = s
  return [
    { on: [r.table(id)], holds: m => tableFrame(shape, m, id) >= 0 },
    ...span(r.vma, firstPage, endPage).map(
      (vma, i): Condition => ({ on: [vma], holds: m => get(m, shape.vma, firstPage + i) === 0 }),
    ),
  ]
}

const onWhich = (conditions: readonly Condition[]): Resource[] => conditions.flatMap(({ on }) => on)

function unlinkTable(t: Task, m: Machine, place: TablePlace, page: number, emit?: Emit): void {
  const { s } = t
  const pfn = tableFrame(s.shape, m, place.id)
  setTableFrame(s.shape, m, place.id, -1)
  if (mayLoseEntries(s, place)) loseEntries(t, m, place, emit)
  if (walked(t, m)) set(m, s.shape.uncoveredTable, place.id, 1)
  emit?.({ type: 'table-unlinked', level: place.level, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
  gatherTable(t, m, pfn, page, emit)
}

const mayLoseEntries = (s: Setup, place: TablePlace): boolean =>
  place.level === 'PTE' && hasFeatures(s.shape.sizes.features)

/** What loseEntries() touches. */
function entriesLost({ resources: r, shape }: Setup, { firstPage, endPage }: TablePlace): Part[] {
  const ptes = span(r.pte, firstPage, endPage)
  const some = (m: Machine): boolean => ptes.some((_, i) => ptePresent(pteAt(shape, m, firstPage + i)))
  return [{ reads: ptes }, { writes: ptes, now: some }]
}

/** Whatever the table still maps, as only a fault that made a VMA grow can leave it, goes with it: the frames stay counted as mapped, and nobody finds them any more. */
function loseEntries({ s }: Task, m: Machine, place: TablePlace, emit?: Emit): void {
  for (let page = place.firstPage; page < place.endPage; page++) {
    const pte = pteAt(s.shape, m, page)
    if (!ptePresent(pte)) continue
    setPte(s.shape, m, page, 0)
    emit?.({ type: 'pte-lost', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)) })
  }
}

/** Each table after all tables below it, left to right: the order in which free_pgd_range() meets them. */
function bottomUp(places: readonly TablePlace[], rootId: number): readonly TablePlace[] {
  const order: TablePlace[] = []
  const visit = (place: TablePlace): void => {
    for (const child of places) if (child.parent === place.id) visit(child)
    order.push(place)
  }
  const root = places[rootId]
  if (root !== undefined) visit(root)
  return order
}
