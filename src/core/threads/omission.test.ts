import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf, get, type Machine } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import type { Lab } from '../scenarios/build.ts'
import { accountsOf } from '../testing/accounts.ts'
import { runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'
import { anyPicks, anyPlace, labAt, type Place, picked } from '../testing/walks.ts'
import { omissionPoints } from './omission.ts'

/** Some of the points that a lab can be without, by any list of numbers. */
const anySubset = fc.array(fc.nat({ max: 2 ** 20 }), { minLength: 1, maxLength: 4 })
const idsAt = (place: Place, picks: readonly number[]): string[] => {
  const points = omissionPoints(labAt(place).programs)
  return points.length === 0 ? [] : [...new Set(picks.map(pick => known(points[pick % points.length], 'point').id))]
}
const without = ({ scenario, chosen }: Place, ids: readonly string[]) =>
  labAt({ scenario, chosen: { ...chosen, without: ids } })

describe('a point that can be left out', () => {
  it('is named by the shortest end of its call path that no other has', () => {
    const { programs } = labOf('munmap-forced-flush', { kernel: '3.19' })
    expect(omissionPoints(programs).map(p => p.id)).toEqual([
      '__mmu_notifier_invalidate_range_start',
      'pte_offset_map_lock',
      'zap_pte_range/tlb_flush_mmu_tlbonly/flush_tlb_mm_range',
      'zap_pte_range/tlb_flush_mmu_tlbonly/__mmu_notifier_invalidate_range',
      'zap_pte_range/tlb_flush_mmu_tlbonly/completion wait',
      'mmu_notifier_invalidate_range_end/__mmu_notifier_invalidate_range',
      'mmu_notifier_invalidate_range_end/completion wait',
      '__mmu_notifier_invalidate_range_end',
      'tlb_finish_mmu/tlb_flush_mmu_tlbonly/flush_tlb_mm_range',
      'tlb_finish_mmu/tlb_flush_mmu_tlbonly/__mmu_notifier_invalidate_range',
      'tlb_finish_mmu/tlb_flush_mmu_tlbonly/completion wait',
    ])
  })

  it('is one, however many CPUs and page tables come through it', () => {
    const twice = scenarioOf({
      frames: 24,
      regions: [buf(), buf({ name: 'far', at: '0x200000000000' })],
      cpus: [
        app({ do: 'munmap', region: 'buf' }, { do: 'munmap', region: 'far' }),
        app({ do: 'munmap', region: 'far' }),
      ],
    })
    const points = omissionPoints(labOf(twice, { kernel: '6.1' }).programs)
    expect(points.find(p => p.id === 'pte_offset_map_lock')?.at.map(at => at.program)).toEqual([0, 0, 1])
    expect(new Set(points.map(p => p.id)).size).toBe(points.length)
  })

  it('is said to be left out where the run comes to it', () => {
    const id = 'tlb_flush_mmu_tlbonly/__mmu_notifier_invalidate_range'
    const run = runAlone(labOf('munmap-page-table', { kernel: '3.19', without: [id] }))
    const step = run.film.find(s => s.mark === 'left out')
    expect(step?.sentence).toBe('CPU 0: leaves out the call of invalidate_range.')
    expect(run.film.filter(s => s.op === step?.op).map(s => s.mark)).toEqual(['range()', 'left out'])
  })

  it.each(['exit_mmap', 'mmap_write_lock_killable', 'no such thing'])('is never %s', name => {
    const before = runAlone(labOf('munmap-forced-flush', { kernel: '3.19' }))
    const after = runAlone(labOf('munmap-forced-flush', { kernel: '3.19', without: [name] }))
    expect(after.film).toEqual(before.film)
  })
})

describe('whatever is left out, in every scenario, kernel, driver and architecture, with any switches', () => {
  it('every step is the same, word for word, until a CPU comes to an op that was changed', () => {
    fc.assert(
      fc.property(anyPlace, anyPicks, anySubset, (place, picks, subset) => {
        const whole = labAt(place)
        const less = without(place, idsAt(place, subset))
        let m = whole.initial
        expect(less.initial).toEqual(m)
        for (const pick of picks) {
          const choice = picked(whole, m, pick)
          if (choice === undefined) return
          const program = whole.runners.indexOf(choice.actor)
          const pc = pcsOf(whole)[program]
          const at = pc === undefined ? -1 : get(m, pc, 0)
          const changed = at >= 0 && whole.programs[program]?.ops[at]?.why !== less.programs[program]?.ops[at]?.why
          if (changed) return
          const [a, b] = [copyOf(m), copyOf(m)]
          const [eventsA, eventsB]: [SimEvent[], SimEvent[]] = [[], []]
          known(whole.actors[choice.actor], 'actor').step(a, choice.alternative, e => eventsA.push(e))
          known(less.actors[choice.actor], 'actor').step(b, choice.alternative, e => eventsB.push(e))
          if (Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)) !== 0) throw new Error('another state')
          expect(eventsB).toEqual(eventsA)
          m = a
        }
      }),
      { numRuns: 150 },
    )
  })

  it('the books add up all the same', () => {
    fc.assert(
      fc.property(anyPlace, anyPicks, anySubset, (place, picks, subset) => {
        const lab = without(place, idsAt(place, subset))
        let m = lab.initial
        for (const pick of picks) {
          const choice = picked(lab, m, pick)
          if (choice === undefined) return
          m = copyOf(m)
          known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
          addsUp(lab, m)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('two CPUs that zap the same pages with a full batch', () => {
  const zaps = scenarioOf({
    frames: 8,
    cpus: [app({ do: 'madvise-dontneed', region: 'buf' }), app({ do: 'madvise-dontneed', region: 'buf' })],
    devices: [gpu({ do: 'read', page: 'buf[0]' })],
    regions: [buf({ pages: 1 })],
    batchSize: 1,
  })
  const worlds: readonly Chosen[] = [
    { kernel: '3.18', driver: 'naive' },
    { kernel: '3.18', driver: 'empty-table' },
    { kernel: '6.1' },
    { kernel: '6.6', arch: 'arm64' },
  ]
  const longEnough = fc.array(fc.nat({ max: 2 ** 20 }), { minLength: 100, maxLength: 100 })

  it.each(worlds)('come to their end, whatever one thing is left out, and leave nothing behind: %j', chosen => {
    const ids = omissionPoints(labOf(zaps, chosen).programs).map(p => p.id)
    fc.assert(
      fc.property(fc.constantFrom(...ids), longEnough, (id, picks) => {
        const lab = labOf(zaps, { ...chosen, without: [id] })
        const m = copyOf(lab.initial)
        for (const pick of picks) {
          const choice = picked(lab, m, pick)
          if (choice === undefined) break
          known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
          addsUp(lab, m)
        }
        expect(lab.actors.filter(actor => actor.kind === 'cpu' && !actor.finished(m))).toEqual([])
        expect(leftOver(lab, m)).toEqual([])
      }),
      { numRuns: 120 },
    )
  })
})

/** By program: where its place is kept. */
const pcsOf = ({ setup }: Lab) => [
  ...setup.shape.cpus.map(k => k.pc),
  ...setup.consumers.flatMap(c => c.threads.map(t => t.pc)),
]

function addsUp(lab: Lab, m: Machine): void {
  const wrong = accountsOf(lab, m)
  if (wrong.length > 0) throw new Error(wrong.join('; '))
}

/** Locks, pairs, gathers and ranges that nobody holds any more once everybody is done. */
function leftOver({ setup: { shape } }: Lab, m: Machine): string[] {
  const { mmapWriter, mmapReaders, openPairs, flushPending, flushRequest, ptl, iommu } = shape
  const columns = [
    ...[mmapWriter, mmapReaders, openPairs, flushPending, flushRequest, ptl, iommu.pasidLock, iommu.nesting],
    ...shape.cpus.flatMap(k => [k.gatherStart, k.gatherEnd, k.freedTables, k.forceFlush, k.nested, k.gatherPages]),
  ]
  return columns
    .filter(c => Array.from({ length: c.length }, (_, i) => get(m, c, i)).some(v => v !== 0))
    .map(c => c.name)
}
