import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf, get, type Machine } from '../machine/cells.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import type { EventType, SimEvent } from '../machine/event.ts'
import { pteInTable, ptePfn } from '../machine/page-table.ts'
import type { Lab } from '../scenarios/build.ts'
import { accountsOf } from '../testing/accounts.ts'
import { Oracle } from '../testing/oracle.ts'
import { anyPicks, anyPlace, labAt, picked } from '../testing/walks.ts'
import type { OpFacts } from '../threads/actor.ts'
import type { Choice } from '../threads/choice.ts'
import { viewOf } from '../view/view-of.ts'

interface Moved {
  readonly choice: Choice
  readonly op: OpFacts
  readonly events: readonly SimEvent[]
  readonly before: Machine
  readonly after: Machine
}

/** Walks through a lab and hands over each move, as `check` is to see it. */
function walk(lab: Lab, picks: readonly number[], check: (moved: Moved) => void): void {
  let before = lab.initial
  for (const pick of picks) {
    const choice = picked(lab, before, pick)
    if (choice === undefined) return
    const actor = known(lab.actors[choice.actor], 'actor')
    const op = actor.op(before, choice.alternative)
    const after = copyOf(before)
    const events: SimEvent[] = []
    actor.step(after, choice.alternative, event => events.push(event))
    check({ choice, op, events, before, after })
    before = after
  }
}

const always = (check: (lab: Lab, picks: readonly number[]) => void, numRuns = 150): void =>
  fc.assert(
    fc.property(anyPlace, anyPicks, (place, picks) => check(labAt(place), picks)),
    { numRuns },
  )

const ofType = <T extends EventType>(events: readonly SimEvent[], type: T) =>
  events.filter((e): e is Extract<SimEvent, { readonly type: T }> => e.type === type)

describe('whatever the schedule, in every scenario, kernel, driver and architecture, with any switches', () => {
  it('counts add up: free frames, references, mappings, page tables, gathers, queues, and zeros beyond', () => {
    always((lab, picks) => {
      same(accountsOf(lab, lab.initial), [])
      walk(lab, picks, ({ after }) => same(accountsOf(lab, after), []))
    })
  })

  it('readers of the mmap lock are those who are inside, and gathers pending those between gather and return', () => {
    always((lab, picks) => {
      const { shape } = lab.setup
      const readers = new Set<number>()
      const writers = new Set<number>()
      const gathers = new Set<number>()
      let pairs = 0
      walk(lab, picks, ({ choice: { actor }, op, events, after }) => {
        for (const e of events) {
          if (e.type === 'mmap-lock-taken') (e.mode === 'read' ? readers : writers).add(actor)
          if (e.type === 'mmap-lock-downgraded') {
            same(writers.delete(actor), true)
            readers.add(actor)
          }
          if (e.type === 'mmap-lock-released') same(readers.delete(actor) || writers.delete(actor), true)
          if (e.type === 'gather-started') gathers.add(actor)
          if (e.type === 'kernel-function-entered' && e.name === 'inc_tlb_flush_pending') gathers.add(actor)
          if (e.type === 'syscall-returned') gathers.delete(actor)
          if (e.type === 'invalidate-range-started') pairs++
          if (e.type === 'invalidate-range-ended') pairs--
        }
        if (op.fn === 'madvise_walk_vmas') gathers.delete(actor)
        const faulting = lab.actors.filter(a => inFault(lab, a.id, after)).length
        same(get(after, shape.mmapReaders, 0), readers.size + faulting)
        same(get(after, shape.mmapWriter, 0), writers.size === 0 ? 0 : known([...writers][0], 'writer') + 1)
        same(get(after, shape.flushPending, 0), gathers.size)
        same(pairs >= 0, true)
        same(get(after, shape.openPairs, 0), pairs)
      })
    })
  })

  it('an event says what the state shows', () => {
    always((lab, picks) => {
      const { shape, vpns } = lab.setup
      const pageOf = new Map<number, number>(vpns.map((vpn, page) => [vpn, page]))
      // The word in the table, which may be out of the tree.
      const pte = (m: Machine, vpn: number): number => pteInTable(shape, m, known(pageOf.get(vpn), 'page'))
      walk(lab, picks, ({ events, before, after }) => {
        for (const e of ofType(events, 'page-freed')) {
          same([get(before, shape.refcount, e.pfn), get(after, shape.refcount, e.pfn)], [1, 0])
          same(get(before, shape.mapcount, e.pfn), 0)
        }
        for (const e of ofType(events, 'page-put')) same(get(after, shape.refcount, e.pfn), e.left)
        for (const e of ofType(events, 'table-freed')) same(get(after, shape.refcount, e.pfn), 0)
        for (const e of ofType(events, 'page-allocated')) same(get(before, shape.refcount, e.pfn), 0)
        for (const e of ofType(events, 'pte-cleared')) {
          same(ptePfn(pte(before, e.vpn)), e.pfn)
          same(pte(after, e.vpn), 0)
        }
        for (const e of ofType(events, 'pte-set')) same(ptePfn(pte(after, e.vpn)), e.pfn)
        // Nobody clears a PTE in silence.
        const cleared = vpns.filter(vpn => pte(before, vpn) !== 0 && pte(after, vpn) === 0)
        same(
          ofType(events, 'pte-cleared').map(e => e.vpn),
          cleared,
        )
      })
    })
  })

  it('damage is in the state exactly from the step on whose events tell of it', () => {
    const telling: readonly (readonly [EventType, number])[] = [
      ['used-after-free', DAMAGE.usedAfterFree],
      ['walked-after-free', DAMAGE.walkedAfterFree],
      ['freed-too-early', DAMAGE.freedTooEarly],
      ['range-not-covered', DAMAGE.rangeNotCovered],
      ['pairing-broken', DAMAGE.pairingBroken],
      ['entry-unsound', DAMAGE.unsoundEntry],
      ['used-after-promise', DAMAGE.usedAfterPromise],
      ['write-lost', DAMAGE.lostWrite],
      ['write-unrecorded', DAMAGE.lostWrite],
      ['subscription-used-after-free', DAMAGE.usedAfterItsEnd],
      ['seen-out-of-order', DAMAGE.seenOutOfOrder],
      ['software-walked-after-free', DAMAGE.softwareWalk],
      ['sizes-mixed', DAMAGE.mixedSizes],
    ]
    always((lab, picks) => {
      walk(lab, picks, ({ events, before, after }) => {
        const told = telling.reduce((bits, [type, bit]) => bits | (events.some(e => e.type === type) ? bit : 0), 0)
        same(damageOf(lab.setup, after), damageOf(lab.setup, before) | told)
      })
    })
  })

  it('an access is damage if and only if its frame had been freed since it was mapped there, says an oracle that sees events only', () => {
    always((lab, picks) => {
      const oracle = new Oracle(lab)
      walk(lab, picks, ({ events }) => {
        const { usedAfterFree, walkedAfterFree } = oracle.watch(events)
        same(
          usedAfterFree,
          events.some(e => e.type === 'used-after-free'),
        )
        same(
          walkedAfterFree,
          events.some(e => e.type === 'walked-after-free'),
        )
      })
    }, 600)
  })

  it('asking changes nothing: who is ready, what would happen, what blocks, how it looks', () => {
    always((lab, picks) => {
      walk(lab, picks, ({ after }) => {
        const before = copyOf(after)
        for (const actor of lab.actors) {
          const ways = actor.ready(after)
          for (let alternative = 0; alternative < Math.max(1, ways); alternative++) {
            const { fn, label, why } = actor.op(after, alternative)
            if (ways > 0) same([fn, label, why].includes(''), false)
          }
          if (ways === 0) same(actor.blocked(after) !== '', true)
          if (actor.finished(after)) same(ways, 0)
        }
        viewOf(lab, after)
        same(after, before)
      })
    }, 150)
  })

  it('a view says what the state shows', () => {
    always((lab, picks) => {
      walk(lab, picks, ({ after }) => {
        const view = viewOf(lab, after)
        const mapped = new Map(view.mm.pages.map(p => [p.vpn, p.state === 'mapped' ? p.pfn : null]))
        const shadow = view.consumers
          .flatMap(c => c.lists.flatMap(list => list.entries))
          .flatMap(({ vpn, label, entry }) => (entry === null ? [] : [{ vpn, label, ...entry }]))
        for (const entry of [view.iommu.iotlb, ...view.cpus.map(c => c.tlb), shadow].flat()) {
          same(entry.state === 'live', mapped.get(entry.vpn) === entry.pfn)
          // An entry for a huge page is named after all of its pages.
          if (entry.state === 'stale' && !entry.label.endsWith(' 2M')) same(view.frames[entry.pfn]?.label, entry.label)
        }
        for (const frame of view.frames) {
          const pages = view.mm.pages.filter(p => p.state === 'mapped' && p.pfn === frame.pfn)
          same(frame.use === 'mapped', pages.length > 0)
          same(frame.use === 'free', frame.refcount === 0)
        }
        expect(view.mm.tables.map(t => t.pfn).sort()).toEqual(
          view.frames
            .filter(f => f.use === 'table')
            .map(f => f.pfn)
            .sort(),
        )
        same(view.iommu.queue.length <= view.iommu.queueCapacity, true)
      })
    }, 150)
  })
})

/** Inside the fault handler, with the mmap lock held for reading: a CPU and a vCPU by where they stand, the fault worker by what it does next. */
function inFault(lab: Lab, id: number, m: Machine): boolean {
  const actor = known(lab.actors[id], 'actor')
  if (actor.kind === 'fault-worker') return get(m, lab.setup.shape.faultWorker.pc, 0) !== 0
  const op = actor.op(m, 0)
  if (actor.kind === 'vcpu') return op.fn === 'handle_mm_fault' || op.fn === 'hva_to_pfn_remapped'
  if (op.fn === 'hmm_vma_walk_pmd') return true
  if (actor.kind !== 'cpu') return false
  return op.stack.includes('exc_page_fault') && op.fn !== 'mmap_read_trylock'
}

/** As `expect(found).toEqual(due)`, for the millions of times that it is asked here. */
function same(found: unknown, due: unknown): void {
  if (found !== due && JSON.stringify(found) !== JSON.stringify(due)) expect(found).toEqual(due)
}
