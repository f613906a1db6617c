import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { app, buf, gpu, labOf, neighbour, scenarioOf } from '../testing/labs.ts'
import { copyOf } from './cells.ts'
import {
  entriesOf,
  holdsFrame,
  invalidate,
  tlbFill,
  tlbFirst,
  tlbLookup,
  tlbPfn,
  tlbWritable,
  walkCacheFill,
  walkCacheLookup,
} from './tlb.ts'

/** An IOTLB of three entries and a walk cache of two, over four pages in two page tables. */
function translator() {
  const { setup, initial } = labOf(
    scenarioOf({
      regions: [buf({ pages: 3 }), neighbour({ at: '0x100000200000' })],
      cpus: [app()],
      devices: [gpu()],
      iommu: { iotlb: 3, walkCache: 2, queue: 1 },
    }),
  )
  return { s: setup, m: copyOf(initial), w: setup.shape.iommu }
}

const pagesIn = ({ s, m, w }: ReturnType<typeof translator>) =>
  entriesOf(m, w.tlb).map(e => [tlbFirst(s, e), tlbPfn(s, e), tlbWritable(e) ? 'rw' : 'r'])

describe('a TLB', () => {
  it('answers a read with any entry of the page, a write only with one that was filled by a write', () => {
    const t = translator()
    tlbFill(t.s, t.m, t.w, 1, 7, false)
    expect(tlbPfn(t.s, tlbLookup(t.s, t.m, t.w, 1, false))).toBe(7)
    expect(tlbLookup(t.s, t.m, t.w, 1, true)).toBe(0)
    expect(tlbLookup(t.s, t.m, t.w, 0, false)).toBe(0)
  })

  it('has one entry a page: filling again replaces it', () => {
    const t = translator()
    tlbFill(t.s, t.m, t.w, 1, 7, false)
    tlbFill(t.s, t.m, t.w, 2, 8, false)
    tlbFill(t.s, t.m, t.w, 1, 9, true)
    expect(pagesIn(t)).toEqual([
      [2, 8, 'r'],
      [1, 9, 'rw'],
    ])
  })

  it('drops its oldest entry when it is full', () => {
    const t = translator()
    for (const page of [0, 1, 2, 3]) tlbFill(t.s, t.m, t.w, page, 10 + page, true)
    expect(pagesIn(t).map(([page]) => page)).toEqual([1, 2, 3])
  })

  it('knows which frames it names', () => {
    const t = translator()
    tlbFill(t.s, t.m, t.w, 0, 7, true)
    walkCacheFill(t.s, t.m, t.w, 3, 4)
    expect([holdsFrame(t.s, t.m, t.w, 7), holdsFrame(t.s, t.m, t.w, 7, 'table')]).toEqual([true, false])
    expect([holdsFrame(t.s, t.m, t.w, 4), holdsFrame(t.s, t.m, t.w, 4, 'page')]).toEqual([true, false])
  })
})

describe('an invalidate', () => {
  const filled = () => {
    const t = translator()
    for (const page of [0, 1, 3]) tlbFill(t.s, t.m, t.w, page, 10 + page, true)
    const [near, far] = [0, 3].map(page => known(t.s.shape.path[page]?.[3], 'PTE table'))
    walkCacheFill(t.s, t.m, t.w, known(near, 'table'), 4)
    walkCacheFill(t.s, t.m, t.w, known(far, 'table'), 5)
    const cached = () => [near, far].map(place => walkCacheLookup(t.s, t.m, t.w, known(place, 'table')))
    return { ...t, cached }
  }

  it('drops what lies in its range, and walk-cache entries of every table over it', () => {
    const t = filled()
    expect(invalidate(t.s, t.m, t.w, 1, 2, false)).toBe(2)
    expect(pagesIn(t).map(([page]) => page)).toEqual([0, 3])
    expect(t.cached()).toEqual([-1, 5])
  })

  it('of leaf entries keeps the walk cache, which is all that the second gap needs', () => {
    const t = filled()
    expect(invalidate(t.s, t.m, t.w, 0, 4, true)).toBe(3)
    expect(pagesIn(t)).toEqual([])
    expect(t.cached()).toEqual([4, 5])
  })

  it('of an empty range drops nothing', () => {
    const t = filled()
    expect(invalidate(t.s, t.m, t.w, 0, 0, false)).toBe(0)
    expect(pagesIn(t)).toHaveLength(3)
  })
})

it('a cache of no entries is a cache: nothing stays in it', () => {
  const { setup, initial } = labOf(
    scenarioOf({
      cpus: [{ ...app({ do: 'read', page: 'buf[0]' }), walkCache: 0 }],
    }),
  )
  const m = copyOf(initial)
  const cpu = known(setup.shape.cpus[0], 'CPU 0')
  walkCacheFill(setup, m, cpu, 1, 2)
  expect(walkCacheLookup(setup, m, cpu, 1)).toBe(-1)
})

describe('two address spaces under one PASID', () => {
  it('are one to a walk cache: what it has of one answers for the other, and goes for it', () => {
    const shipped = labOf('pasid-reuse').scenario
    const { setup: s, initial } = labOf({ ...shipped, iommu: { ...shipped.iommu, walkCache: 2 } })
    const w = s.shape.iommu
    const twins = s.placeTagOf.flatMap((tag, place) => (tag === place ? [] : [[tag, place] as const]))
    expect(twins).toContainEqual([0, expect.any(Number)])
    for (const [first, second] of twins) {
      const m = copyOf(initial)
      walkCacheFill(s, m, w, first, 7)
      expect(walkCacheLookup(s, m, w, second)).toBe(7)
      walkCacheFill(s, m, w, second, 8)
      expect(entriesOf(m, w.walkCache)).toHaveLength(1)
      expect(walkCacheLookup(s, m, w, first)).toBe(8)
    }
  })
})
