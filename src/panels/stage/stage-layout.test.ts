import { describe, expect, it } from 'vitest'
import { asPfn, asVpn } from '../../core/units.ts'
import { fixtureBefore, fixtureWorld, worldWithFrames } from '../shared/fixture.ts'
import { capacityOf, fitStage } from './fit.ts'
import { bestGrid, countUses, frameUnder, MOST_BOXES, pixelOf } from './frame-grid.ts'
import { type Box, progressOf, routeBetween } from './route.ts'
import { inSlots, inSlotsAfter } from './slots.ts'
import { regionsOf } from './strip.ts'
import { entryText, special } from './TablesPicture.tsx'
import { isLinked, layOutTree, skeletonOf, tableIn } from './tree-layout.ts'

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height })

describe('the page-table tree', () => {
  const { mm } = fixtureWorld
  const size = { width: 456, text: 12, row: 24, across: 2 }
  const layOut = (world = mm, across = 2) => layOutTree(skeletonOf(world), { ...size, across })

  it('stands level beside level, nothing over anything', () => {
    const { places } = layOut()
    expect(places.map(s => s.level)).toEqual(['PGD', 'PUD', 'PMD', 'PTE'])
    for (const [i, place] of places.entries()) {
      const left = places[i - 1]
      if (left !== undefined) expect(place.x).toBeGreaterThanOrEqual(left.x + left.width)
      expect(place.x + place.width).toBeLessThanOrEqual(456)
      expect(place.y).toBeGreaterThanOrEqual(0)
    }
  })

  it('keeps tables of one level apart, and a table in the middle of those it leads to', () => {
    const far = mm.pages.map((p, i) => ({ ...p, vpn: asVpn(p.vpn + (i % 3) * 512) }))
    const { places } = layOut({ ...mm, pages: far })
    const leaves = places.filter(p => p.level === 'PTE')
    expect(leaves).toHaveLength(3)
    for (const [i, leaf] of leaves.entries()) {
      const above = leaves[i - 1]
      if (above !== undefined) expect(leaf.y).toBeGreaterThan(above.y + above.height)
    }
    const pmd = places.find(p => p.level === 'PMD')!
    const middle = leaves[1]!
    expect(Math.abs(pmd.y + pmd.height / 2 - middle.y - middle.height / 2)).toBeLessThan(middle.height)
  })

  it('shows true 9-bit indices', () => {
    const { places } = layOut()
    expect(places.slice(0, 3).map(s => s.rows.map(r => r.index))).toEqual([[255], [511], [18]])
    expect(places[3]?.rows.map(r => r.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('moves nothing when a table is freed', () => {
    const without = { ...mm, tables: mm.tables.filter(t => t.level !== 'PTE') }
    expect(layOut(without)).toEqual(layOut())
    expect(tableIn(without, layOut(without).places[3]!)).toBeNull()
  })

  it('is lower with more entries side by side', () => {
    expect(layOut(mm, 3).height).toBeLessThan(layOut(mm, 2).height)
  })

  it('links every table to the entry that names it', () => {
    expect(layOut().links.map(l => isLinked(mm, l))).toEqual([true, true, true])
  })
})

describe('slots of a cache', () => {
  const home = (n: number) => n
  it('keep what stays where it was when something goes', () => {
    expect(inSlots([0, 1, 2], 4, home)).toEqual([0, 1, 2, null])
    expect(inSlots([0, 2], 4, home)).toEqual([0, null, 2, null])
  })
  it('take the next free place when their own is taken', () => {
    expect(inSlots([4, 8, 1], 4, home)).toEqual([4, 8, 1, null])
  })
  it('keep what stays even where it is not at home', () => {
    const before = inSlots([0, 4], 4, home)
    expect(inSlotsAfter(before, [4, 1], home, (a, b) => a === b)).toEqual([null, 4, 1, null])
  })
  it('never lose an entry', () => {
    expect(inSlots([0, 4, 8, 12, 16], 4, home)).toHaveLength(5)
  })
})

describe('the frames', () => {
  it('are boxes with words, then with numbers, then a picture', () => {
    expect([14, 32, 64, MOST_BOXES, 256, 4096].map(n => bestGrid(n, 456, 400, 12)?.kind)).toEqual([
      'words',
      'words',
      'numbers',
      'numbers',
      'pixels',
      'pixels',
    ])
  })

  it('are larger the fewer they are, and never larger than the room', () => {
    const heights = [12, 24, 32].map(n => {
      const grid = bestGrid(n, 460, 200, 13)!
      if (grid.kind === 'pixels') throw new Error('a picture')
      const rows = Math.ceil(n / grid.columns)
      expect(rows * grid.height + (rows - 1) * 10).toBeLessThanOrEqual(200)
      return grid.height
    })
    expect(heights[0]).toBeGreaterThan(60)
    expect(heights).toEqual([...heights].sort((a, b) => b - a))
  })

  it('can be found again under the pointer in a picture', () => {
    const grid = bestGrid(4096, 456, 400, 12)
    if (grid?.kind !== 'pixels') throw new Error('not a picture')
    for (const i of [0, 1, 777, 4095]) {
      const { x, y } = pixelOf(grid, i)
      expect(frameUnder(grid, x + 1, y + 1)).toBe(i)
    }
    expect(grid.columns * grid.cell).toBeLessThanOrEqual(456)
  })

  it('are counted by use, all of them', () => {
    const counts = countUses(worldWithFrames(4096).frames)
    expect(counts.reduce((sum, c) => sum + c.count, 0)).toBe(4096)
  })
})

describe('the address space', () => {
  const { pages, vmas } = fixtureWorld.mm
  it('is cut at VMAs, page by page while pages are few', () => {
    expect(regionsOf(pages, vmas).map(r => [r.vma?.label, r.segments.length])).toEqual([
      ['buf', 4],
      ['heap', 8],
    ])
  })
  it('joins equals when pages are many', () => {
    const many = Array.from({ length: 512 }, (_, i) => ({
      ...(pages[11] as (typeof pages)[number]),
      vpn: asVpn(i),
      pfn: asPfn(i),
    }))
    expect(regionsOf(many, [])).toMatchObject([{ pages: 512, segments: [{ count: 512 }] }])
  })
})

describe('a path over the stage', () => {
  const device = box(800, 400, 240, 150)

  it('begins at the wall of one box and ends on the other', () => {
    const frame = box(340, 520, 50, 36)
    const route = routeBetween(device, frame)
    expect(route.at(0)).toMatchObject({ x: 800, y: 475 })
    expect(route.at(1)).toMatchObject({ x: 365, y: 520 })
    expect(route.d).toMatch(/^M800,475L/)
  })

  it('runs in the gap above the row of its target, not over the row', () => {
    const route = routeBetween(device, box(340, 520, 50, 36))
    for (let t = 0.35; t < 0.9; t += 0.05) expect(route.at(t).y).toBeLessThan(520)
  })

  it('enters what has its name above it from below', () => {
    const route = routeBetween(device, box(340, 220, 50, 26), { side: 'below' })
    expect([route.at(1).x, route.at(1).y].map(Math.round)).toEqual([365, 246])
    for (let t = 0.35; t < 0.9; t += 0.05) expect(route.at(t).y).toBeGreaterThan(246)
  })

  it('keeps above what stands higher than its target and in its way', () => {
    const [low, high] = [box(340, 220, 60, 40), box(480, 190, 100, 100)]
    const route = routeBetween(device, low, { others: [low, high] })
    expect([route.at(1).x, route.at(1).y]).toEqual([370, 220])
    const ys = Array.from({ length: 60 }, (_, i) => route.at(i / 60)).filter(p => p.x > 480 && p.x < 580)
    expect(ys.length).toBeGreaterThan(3)
    expect(Math.max(...ys.map(p => p.y))).toBeLessThan(190)
  })

  it('comes to a slot that has another before it through the gap above the two', () => {
    const [card, slot] = [box(800, 100, 260, 300), box(930, 300, 120, 26)]
    const route = routeBetween(box(340, 220, 60, 40), slot, { card, row: 28 })
    expect([route.at(1).x, route.at(1).y].map(Math.round)).toEqual([990, 300])
    for (let t = 0; t < 1; t += 0.02) {
      const { x, y } = route.at(t)
      expect(x < card.x || y > 297, `at ${x},${y}`).toBe(true)
    }
  })

  it('leaves a row for a card through the gap above the row and the gap between the columns', () => {
    const frame = box(340, 520, 50, 36)
    const route = routeBetween(frame, box(800, 100, 240, 200))
    expect(route.at(1)).toMatchObject({ x: 800, y: 112 })
    for (let t = 0.1; t < 1; t += 0.05) {
      const { x, y } = route.at(t)
      expect(y < 520 && (y > 500 || x > 770), `at ${x},${y}`).toBe(true)
    }
  })

  it('goes round when one is above the other', () => {
    const route = routeBetween(box(10, 800, 300, 100), box(150, 200, 40, 30))
    expect(route.at(0.5).x).toBeLessThan(10)
    expect(route.at(1)).toMatchObject({ x: 170, y: 200 })
  })

  it('leaves a row through the gap above it, not over its neighbours', () => {
    const route = routeBetween(box(300, 520, 60, 60), box(20, 300, 400, 50))
    expect(route.at(0)).toMatchObject({ x: 330, y: 520 })
    for (let t = 0.05; t < 1; t += 0.05) expect(route.at(t).y).toBeLessThanOrEqual(520)
  })

  it('is walked at an even pace', () => {
    const route = routeBetween(device, box(340, 520, 50, 36))
    const way = (t: number) => Math.hypot(route.at(t + 0.1).x - route.at(t).x, route.at(t + 0.1).y - route.at(t).y)
    const paces = [0, 0.2, 0.4, 0.6, 0.8].map(way)
    expect(Math.max(...paces) / Math.min(...paces)).toBeLessThan(1.6)
  })

  it('starts one motion after another and has all done at the end', () => {
    expect([0, 1, 2].map(i => progressOf(1, i, 3))).toEqual([1, 1, 1])
    expect(progressOf(0.3, 0, 3)).toBeGreaterThan(progressOf(0.3, 1, 3))
    expect(progressOf(0, 0, 1)).toBe(0)
  })
})

describe('how large the stage is drawn', () => {
  const capacity = capacityOf(fixtureWorld)

  it('depends on what the machine can hold, not on what it holds', () => {
    expect(capacityOf(fixtureBefore)).toEqual(capacity)
    const flushed = { ...fixtureWorld, iommu: { ...fixtureWorld.iommu, iotlb: [] } }
    expect(capacityOf(flushed)).toEqual(capacity)
  })

  it('grows with the room', () => {
    const texts = [360, 430, 560, 800, 1000].map(height => fitStage(capacity, 1200, height).side.text)
    expect(texts).toEqual([...texts].sort((a, b) => a - b))
    expect(texts.at(-1)).toBeGreaterThan(16)
  })

  it('lets a card grow by a banner where its column has the room, and only there', () => {
    expect(fitStage(capacity, 1200, 1000)).toMatchObject({ leftGrows: true, rightGrows: true })
    expect(fitStage(capacity, 1200, 400).rightGrows).toBe(false)
    expect(fitStage(capacity, 372, 900)).toMatchObject({ leftGrows: true, rightGrows: true })
  })

  it('has no larger text than its cards have width for, however high it is', () => {
    expect(fitStage(capacity, 830, 900).side.text).toBeLessThanOrEqual(15)
  })

  it('never draws below what can be read', () => {
    expect(fitStage(capacity, 700, 100).side.text).toBeGreaterThanOrEqual(11)
  })

  it('stands in one column where there is no width for three', () => {
    expect(fitStage(capacity, 372, 1500)).toMatchObject({ stacked: true })
    expect(fitStage(capacity, 372, 1500)).toEqual(fitStage(capacity, 372, 900))
  })

  it('copes with the largest machine there is', () => {
    const big = {
      ...capacity,
      cpus: Array.from({ length: 4 }, () => ({ tlb: 16, walkCache: 8 })),
      frames: 4096,
      devices: [0, 0, 0, 0],
    }
    expect(fitStage(big, 922, 400).grid.kind).toBe('pixels')
  })
})

describe('what an entry of a page table says', () => {
  const entry = { index: 0, vpn: asVpn(0), label: '', pfn: asPfn(5), writable: true, dirty: false }

  it('speaks of what is unusual: read-only, a huge page', () => {
    expect(special('PTE', entry)).toBe('')
    expect(special('PTE', { ...entry, writable: false })).toBe(' r')
    expect(special('PMD', { ...entry, writable: false, huge: true })).toBe(' 2M r')
    expect(special('PMD', { ...entry, writable: false }), 'it names a table').toBe('')
  })

  it('gives up the word pfn before that, and keeps the number to the last', () => {
    expect([140, 90, 40].map(width => entryText(asPfn(5), ' r', 1, width, 15))).toEqual(['pfn 5 r', '5 r', '5'])
    expect(entryText(null, '', 1, 140, 15)).toBe('none')
  })
})
