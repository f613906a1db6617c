import { createContext, use } from 'react'
import type { WorldView } from '../../core/view/world.ts'
import { entryWords, frameWords, pageWords } from '../shared/words.ts'

/** By place: what stood there one step earlier, in words; `nothing` when there was nothing. */
export type Changes = ReadonlyMap<string, string>

/** What is drawn in a place: `is` decides whether it changed, `said` is what it is called. */
interface Drawn {
  readonly is: string
  readonly said: string
}

/**
 * Everything on the stage that this step changed, by the place where it is drawn. One comparison for all pictures, so
 * that a change is marked everywhere or nowhere.
 */
export function changesOf(before: WorldView | null, world: WorldView): Changes {
  if (before === null) return new Map()
  const then = drawnIn(before)
  const now = drawnIn(world)
  const changes = new Map<string, string>()
  for (const [place, { is }] of now) {
    const old = then.get(place)
    if (old?.is !== is) changes.set(place, old?.said ?? 'nothing')
  }
  for (const [place, { said }] of then) if (!now.has(place)) changes.set(place, said)
  return changes
}

function drawnIn(world: WorldView): ReadonlyMap<string, Drawn> {
  const drawn = new Map<string, Drawn>()
  const put = (place: string, said: string, ...is: readonly unknown[]) =>
    void drawn.set(place, { said, is: `${said} ${is.join(' ')}` })
  for (const f of world.frames) put(`frame:${f.pfn}`, frameWords[f.use], f.owner, f.damaged)
  const pages = new Set(world.mm.pages.map(p => p.vpn))
  for (const p of world.mm.pages) put(`page:${p.vpn}`, pageWords[p.state], p.pfn, p.soft)
  for (const t of world.mm.tables) {
    put(`table:${t.pfn}`, t.lockedBy === '' ? t.state : `${t.state} and locked`)
    for (const e of t.entries) {
      if (e.pfn === null) continue
      const page = t.level === 'PTE' && pages.has(e.vpn)
      put(
        page ? `pte:${e.vpn}` : `entry:${t.level}:${t.base + e.index}`,
        `frame ${e.pfn}`,
        e.writable,
        e.dirty,
        e.accessed === true,
      )
    }
  }
  for (const g of world.gathers) {
    for (const p of [...g.pages, ...g.tables]) put(`gather:${p.pfn}`, p.freed ? 'freed' : 'waiting')
  }
  for (const c of world.cpus) caches(put, `cpu:${c.index}:tlb`, c.tlb, `cpu:${c.index}:pwc`, c.walkCache)
  for (const c of world.consumers) {
    for (const fact of c.facts) put(`consumer:${c.index}:${fact.name}`, fact.value)
    for (const { title, entries } of c.lists) {
      for (const { tag, entry } of entries) {
        if (entry === null) continue
        put(`consumer:${c.index}:${title}:${tag}`, `frame ${entry.pfn}, ${entryWords[entry.state]}`, entry.writable)
      }
    }
  }
  const { iommu } = world
  caches(put, 'iotlb', iommu.iotlb, 'pwc', iommu.walkCache)
  put('root-cell', iommu.root, iommu.rootPfn)
  for (const p of iommu.pasids ?? []) if (p.mm !== 'app') put(`root-${p.mm}-cell`, p.root, p.rootPfn, p.state)
  for (const [i, r] of (iommu.pageRequests?.queue ?? []).entries())
    put(`page-request:${i}`, 'another request', r.device, r.vpn, r.group)
  for (const [i, q] of iommu.queue.entries()) {
    put(`queue:${i}`, 'another command', q.by, q.leafOnly, q.range === 'all' ? 'all' : q.range.start)
  }
  return drawn
}

function caches(
  put: (place: string, said: string, ...is: readonly unknown[]) => void,
  tlb: string,
  entries: WorldView['iommu']['iotlb'],
  walkCache: string,
  tables: WorldView['iommu']['walkCache'],
): void {
  for (const e of entries) put(`${tlb}:${e.vpn}`, `frame ${e.pfn}, ${entryWords[e.state]}`, e.writable)
  for (const e of tables) put(`${walkCache}:${e.table}`, `frame ${e.table}, ${entryWords[e.state]}`, e.level, e.index)
}

export const ChangesContext = createContext<Changes>(new Map())

/** How something drawn in `place` shows that it changed: a class, and words for those who listen. */
export function useChange(place: string): { readonly className: string; readonly words: string } {
  const was = use(ChangesContext).get(place)
  return was === undefined ? UNCHANGED : { className: ' changed', words: `; changed in this step, was: ${was}` }
}

const UNCHANGED = { className: '', words: '' }
