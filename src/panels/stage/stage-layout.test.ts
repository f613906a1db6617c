import { describe, expect, it } from 'vitest'
import { asPfn, asVpn } from '../../core/units.ts'
import { fixtureBefore, fixtureWorld, worldWithFrames } from '../shared/fixture.ts'
import { packingFor } from './fit.ts'
import { countUses, frameUnder, gridFor, MOST_BOXES, pixelOf } from './frame-grid.ts'
import { type Box, pathOf, pointAlong, progressOf, routeBetween } from './route.ts'
import { inSlots, inSlotsAfter } from './slots.ts'
import { regionsOf } from './strip.ts'
import { layOutTree } from './tree-layout.ts'

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height })

describe('the page-table tree', () => {
  const { mm } = fixtureWorld

  it('stands level beside level, nothing over anything', () => {
    const { slots } = layOutTree(mm, 456)
    expect(slots.map(s => s.level)).toEqual(['PGD', 'PUD', 'PMD', 'PTE'])
    for (const [i, slot] of slots.entries()) {
      const left = slots[i - 1]
      if (left !== undefined) expect(slot.x).toBeGreaterThanOrEqual(left.x + left.width)
      expect(slot.x + slot.width).toBeLessThanOrEqual(456)
    }
  })

  it('shows true 9-bit indices', () => {
    const { slots } = layOutTree(mm, 456)
    expect(slots.slice(0, 3).map(s => s.rows.map(r => r.index))).toEqual([[255], [511], [18]])
    expect(slots[3]?.rows.map(r => r.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('moves nothing when a table is freed', () => {
    const without = { ...mm, tables: mm.tables.filter(t => t.level !== 'PTE') }
    const where = (m: typeof mm) => layOutTree(m, 456).slots.map(({ x, y, width, height }) => ({ x, y, width, height }))
    expect(where(without)).toEqual(where(mm))
    expect(layOutTree(without, 456).slots[3]?.table).toBeNull()
  })

  it('is lower where there is little height', () => {
    expect(layOutTree(mm, 456, true).height).toBeLessThan(layOutTree(mm, 456).height)
  })

  it('links every table to the entry that names it', () => {
    expect(layOutTree(mm, 456).links.map(l => l.linked)).toEqual([true, true, true])
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
    expect([14, 32, 64, MOST_BOXES, 256, 4096].map(n => gridFor(n, 456).kind)).toEqual([
      'words',
      'words',
      'numbers',
      'numbers',
      'pixels',
      'pixels',
    ])
  })

  it('can be found again under the pointer in a picture', () => {
    const grid = gridFor(4096, 456)
    if (grid.kind !== 'pixels') throw new Error('not a picture')
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
    expect(pointAlong(route, 0)).toMatchObject({ x: 800, y: 475 })
    expect(pointAlong(route, 1)).toMatchObject({ x: 365, y: 520 })
    expect(pathOf(route)).toMatch(/^M800,475C/)
  })

  it('runs in the gap above the row of its target, not over the row', () => {
    const route = routeBetween(device, box(340, 520, 50, 36))
    for (let t = 0.35; t < 0.9; t += 0.05) expect(pointAlong(route, t).y).toBeLessThan(520)
  })

  it('goes round when one is above the other', () => {
    const route = routeBetween(box(10, 800, 300, 100), box(150, 200, 40, 30))
    expect(pointAlong(route, 0.5).x).toBeLessThan(10)
    expect(pointAlong(route, 1)).toMatchObject({ x: 170, y: 200 })
  })

  it('starts one motion after another and has all done at the end', () => {
    expect([0, 1, 2].map(i => progressOf(1, i, 3))).toEqual([1, 1, 1])
    expect(progressOf(0.3, 0, 3)).toBeGreaterThan(progressOf(0.3, 1, 3))
    expect(progressOf(0, 0, 1)).toBe(0)
  })
})

describe('packing', () => {
  it('asks what the machine can hold, not what it holds', () => {
    expect(packingFor(fixtureWorld, 1042, 560)).toEqual(packingFor(fixtureBefore, 1042, 560))
  })
  it('leaves a stacked stage as tall as it likes', () => {
    expect(packingFor(fixtureWorld, 356, 1500)).toEqual({ low: false, cpus: false, devices: false })
  })
  it('is low in a low window', () => {
    expect(packingFor(fixtureWorld, 880, 390).low).toBe(true)
  })
})
