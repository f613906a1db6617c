import { known } from '../base/assert.ts'
import { type Column, get, type Machine } from '../machine/cells.ts'
import { newPageOf, OLD_MAPPING, oldMappingOf, oldPageOf } from '../machine/copying.ts'
import { folioLocked, swapUsers } from '../machine/folios.ts'
import type { KvmColumns } from '../machine/kvm.ts'
import { ptePfn } from '../machine/page-table.ts'
import { isBeyondEnd } from '../machine/reverse-map.ts'
import { isZeroFrame, USE } from '../machine/setup.ts'
import type { WalkerColumns } from '../machine/shape.ts'
import { SOFT, softKind, softPfn } from '../machine/soft-pte.ts'
import { tlbKey, walkEntryPlace } from '../machine/tlb.ts'
import type { Lab } from '../scenarios/build.ts'
import { hugeMappings, hugeReferences, tablesAside, writtenAhead } from './huge-accounts.ts'

/*
 * The books of the model, done again from nothing but one state: who refers to a frame must be what its counts say, and
 * what a list does not hold must be zero. Answers with a sentence for everything that does not add up.
 */

export function accountsOf(lab: Lab, m: Machine): string[] {
  return [
    ...[...frames(lab, m), ...tables(lab, m), ...locks(lab, m), ...lists(lab, m), ...translators(lab, m)],
    ...lab.setup.shape.kvms.flatMap(k => vm(lab, k, m)),
  ]
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const cells = (m: Machine, column: Column): number[] => range(column.length).map(i => get(m, column, i))
const times = (list: readonly number[], value: number): number => list.filter(v => v === value).length

/** Frames that wait in some gather, as often as they do: pages and page tables apart. */
function gathered(lab: Lab, m: Machine): { pages: number[]; tables: number[] } {
  const entries = lab.setup.shape.cpus.flatMap(k => cells(m, k.gatherList).slice(0, get(m, k.gatherCount, 0)))
  return {
    pages: entries.filter(e => (e & 1) === 0).map(e => e >>> 1),
    tables: entries.filter(e => (e & 1) === 1).map(e => e >>> 1),
  }
}

function frames(lab: Lab, m: Machine): string[] {
  const wrong: string[] = []
  const { shape } = lab.setup
  const free = cells(m, shape.freeList).slice(0, get(m, shape.freeCount, 0))
  const waiting = gathered(lab, m)
  const ptes = cells(m, shape.pte).filter((pte, page) => pte !== 0 && !writtenAhead(lab.setup, m, page))
  for (const [page, pte] of cells(m, shape.pte).entries()) {
    if (pte === 0) continue
    const pfn = ptePfn(pte)
    const use = get(m, shape.use, pfn)
    if (isZeroFrame(lab.setup, pfn)) continue
    if (use !== USE.anon && use !== USE.file) wrong.push(`the PTE of page ${page} names pfn ${pfn}, which is no page`)
    if (!isOf(lab, get(m, shape.purpose, pfn) - 1, page))
      wrong.push(`pfn ${pfn} is mapped at page ${page}, and is another page’s`)
  }
  for (const pfn of range(shape.sizes.frames)) {
    const use = get(m, shape.use, pfn)
    const refcount = get(m, shape.refcount, pfn)
    const mapped =
      ptes.filter(pte => ptePfn(pte) === pfn).length +
      hugeMappings(lab.setup, m, pfn) +
      hidden(lab, m, pfn) +
      beingUnmapped(lab, m, pfn, 'count')
    if (isZeroFrame(lab.setup, pfn)) {
      if (get(m, shape.mapcount, pfn) !== 0 || use !== USE.reserved) wrong.push('the zero page is counted, or in use')
      continue
    }
    if (get(m, shape.mapcount, pfn) !== mapped) wrong.push(`pfn ${pfn} has ${mapped} mappings and another mapcount`)
    if (times(free, pfn) !== (refcount === 0 ? 1 : 0))
      wrong.push(`pfn ${pfn} has refcount ${refcount} and is ${times(free, pfn)} times on the free list`)
    if ((use === USE.free) !== (refcount === 0)) wrong.push(`pfn ${pfn} has refcount ${refcount} and use ${use}`)
    if (use !== USE.anon && use !== USE.file) continue
    const due =
      mapped +
      times(waiting.pages, pfn) +
      (use === USE.file ? 1 : 0) +
      pins(lab, m, pfn) +
      held(lab, m, pfn) +
      replaced(lab, m, pfn) +
      isolated(lab, m, pfn) +
      hugeReferences(lab.setup, m, pfn)
    // Truncation has taken the page out of the page cache, and somebody else still holds it.
    const cut = use === USE.file && isBeyondEnd(shape, m, get(m, shape.purpose, pfn) - 1)
    if (refcount !== due && !(cut && refcount === due - 1))
      wrong.push(`pfn ${pfn} has refcount ${refcount} and ${due} references`)
  }
  for (const pfn of [...waiting.pages, ...waiting.tables])
    if (get(m, shape.use, pfn) === USE.free) wrong.push(`pfn ${pfn} waits in a gather and is free`)
  return wrong
}

/** Mappings with PROT_NONE: not present to hardware, and mappings all the same. */
const hidden = ({ setup: { shape } }: Lab, m: Machine, pfn: number): number =>
  cells(m, shape.softPte).filter(soft => softKind(soft) === SOFT.protNone && softPfn(soft) === pfn).length

/** What was allocated for `origin` may be mapped at `page`: they are the same, or share their frames, or moved. */
const isOf = ({ setup: { objectOf } }: Lab, origin: number, page: number): boolean =>
  origin >= 0 && objectOf[origin] === objectOf[page]

/** References of somebody outside: the frame that a pinned page had when the run began. */
function pins(lab: Lab, m: Machine, pfn: number): number {
  const { setup, initial } = lab
  const page = get(m, setup.shape.purpose, pfn) - 1
  const pte = get(initial, setup.shape.pte, page)
  if (pte === 0 || ptePfn(pte) !== pfn) return 0
  const file = get(initial, setup.shape.use, pfn) === USE.file ? 1 : 0
  return get(initial, setup.shape.refcount, pfn) - get(initial, setup.shape.mapcount, pfn) - file
}

/** References of those who have found a page for a guest and have not mapped it yet, and of drivers of GPUs. */
const held = ({ setup: { shape } }: Lab, m: Machine, pfn: number): number =>
  shape.kvms.flatMap(k => k.threads).filter(t => get(m, t.pfn, 0) === pfn + 1).length +
  shape.gpus.flatMap(k => cells(m, k.held)).filter(pinned => pinned === pfn + 1).length

/** References of those who replace the page, and of those who have a copy that they have not mapped yet. */
const replaced = (lab: Lab, m: Machine, pfn: number): number => {
  const { cpus, shape } = lab.setup
  const hold = (of: typeof oldPageOf): number => cpus.filter((_, cpu) => of(shape, m, cpu) === pfn).length
  return hold(oldPageOf) + hold(newPageOf) + beingUnmapped(lab, m, pfn, 'reference')
}

/** References of those who reclaim or migrate the page, of the PTE that they have cleared just now, and of the swap cache. */
const isolated = ({ setup }: Lab, m: Machine, pfn: number): number => {
  const { folio, folioTarget, toFree, clearedPte } = setup.shape
  const named = [folio, folioTarget, toFree].reduce((sum, column) => sum + times(cells(m, column), pfn + 1), 0)
  const cleared = cells(m, clearedPte).filter(pte => pte !== 0 && ptePfn(pte) === pfn).length
  return named + cleared + (swapUsers(setup, m, pfn).length > 0 && !folioLocked(setup, m, pfn) ? 1 : 0)
}

/** Mappings of the page of which the PTE is gone already, and the count is still there, or the reference only. */
const beingUnmapped = (
  { setup: { cpus, shape } }: Lab,
  m: Machine,
  pfn: number,
  what: 'count' | 'reference',
): number => {
  const stage = what === 'count' ? OLD_MAPPING.counted : OLD_MAPPING.referenced
  const old = cpus.filter((_, cpu) => oldPageOf(shape, m, cpu) === pfn && oldMappingOf(shape, m, cpu) === stage)
  const kept = cpus.filter(
    (_, cpu) => newPageOf(shape, m, cpu) === pfn && oldMappingOf(shape, m, cpu) === OLD_MAPPING.newCounted,
  )
  return old.length + (what === 'count' ? kept.length : 0)
}

/** What KVM counts, against the pairs that are open and those who hold its lock. */
function vm(lab: Lab, k: KvmColumns, m: Machine): string[] {
  const wrong: string[] = []
  const [lock, active, running, range] = [k.lock, k.active, k.inProgress, k.rangeEnd].map(c => get(m, c, 0))
  const done = lab.actors.every(actor => actor.finished(m))
  if (Number(running) > Number(active)) wrong.push(`${running} invalidations in progress of ${active} that are counted`)
  if ((running === 0) !== (range === 0)) wrong.push('the range says something else than mmu_invalidate_in_progress')
  if (done && (lock !== 0 || active !== 0)) wrong.push('everybody is done, and mmu_lock or a count is not as it was')
  for (const t of k.threads) if (done && get(m, t.pfn, 0) !== 0) wrong.push('somebody is done and holds a page')
  return wrong
}

function tables(lab: Lab, m: Machine): string[] {
  const wrong: string[] = []
  const { shape } = lab.setup
  const linked = cells(m, shape.table).map(t => t - 1)
  const retracted = cells(m, shape.retracted).flatMap((t, place) => (t - 1 === linked[place] ? [] : [t - 1]))
  const aside = tablesAside(lab.setup, m)
  const inRcu = cells(m, shape.rcuList).slice(0, get(m, shape.rcuCount, 0))
  const waiting = gathered(lab, m).tables
  for (const [place, pfn] of linked.entries()) {
    if (pfn < 0) continue
    if (get(m, shape.use, pfn) !== USE.table || get(m, shape.purpose, pfn) !== place + 1)
      wrong.push(`place ${place} links pfn ${pfn}, which is not its table`)
    const parent = known(shape.places[place], 'place').parent
    if (parent >= 0 && known(linked[parent], 'parent') < 0) wrong.push(`place ${place} is linked under nothing`)
  }
  for (const pfn of range(shape.sizes.frames)) {
    const somewhere =
      times(linked, pfn) + times(waiting, pfn) + times(inRcu, pfn) + times([...retracted, ...aside], pfn)
    if (somewhere !== (get(m, shape.use, pfn) === USE.table ? 1 : 0))
      wrong.push(`pfn ${pfn} is in ${somewhere} places where page tables are`)
  }
  return wrong
}

function locks(lab: Lab, m: Machine): string[] {
  const wrong: string[] = []
  const { shape } = lab.setup
  const writer = get(m, shape.mmapWriter, 0)
  if (writer > 0 && get(m, shape.mmapReaders, 0) > 0) wrong.push('the mmap lock has a writer and readers')
  for (const holder of cells(m, shape.ptl)) {
    if (holder === 0) continue
    if (lab.actors[holder - 1]?.kind !== 'cpu') wrong.push(`a page-table lock is held by ${holder}, who is no CPU`)
    else if (lab.actors[holder - 1]?.finished(m)) wrong.push('a page-table lock is held by a CPU that is done')
  }
  return wrong
}

function lists(lab: Lab, m: Machine): string[] {
  const { shape } = lab.setup
  const { iommu } = shape
  const counted: [Column, number][] = [
    [shape.freeList, get(m, shape.freeCount, 0)],
    [shape.rcuList, get(m, shape.rcuCount, 0)],
    ...shape.cpus.map((k): [Column, number] => [k.gatherList, get(m, k.gatherCount, 0)]),
    ...[iommu.queueStart, iommu.queueEnd, iommu.queueLeaf, iommu.queueBy].map((column): [Column, number] => [
      column,
      get(m, iommu.queueCount, 0),
    ]),
  ]
  return counted.flatMap(([column, count]) => [
    ...(count > column.length ? [`${column.name} holds ${count} and has room for ${column.length}`] : []),
    ...(cells(m, column)
      .slice(count)
      .some(v => v !== 0)
      ? [`${column.name} is not clean beyond its end`]
      : []),
  ])
}

function translators(lab: Lab, m: Machine): string[] {
  const { setup } = lab
  const caches = (w: WalkerColumns): [Column, (entry: number) => number][] => [
    [w.tlb, entry => tlbKey(setup, entry)],
    [w.walkCache, entry => walkEntryPlace(setup, entry)],
  ]
  return [...setup.shape.cpus, setup.shape.iommu].flatMap(caches).flatMap(([column, keyOf]) => {
    const entries = cells(m, column)
    const filled = entries.filter(e => e !== 0)
    const keys = filled.map(keyOf)
    return [
      ...(entries.slice(filled.length).some(e => e !== 0) ? [`${column.name} has a gap`] : []),
      ...(new Set(keys).size < keys.length ? [`${column.name} has two entries for one address`] : []),
    ]
  })
}
