import { describe, expect, it } from 'vitest'
import { get } from '../machine/cells.ts'
import { DAMAGE } from '../machine/damage.ts'
import { tableFrame } from '../machine/page-table.ts'
import { isShared, sharers } from '../machine/shared-tables.ts'
import { checkScenario } from '../scenarios/check.ts'
import type { CpuSpec, Region } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { app, buf, labOf, scenarioOf } from '../testing/labs.ts'

/* A page table that two processes share: who clears what, who is flushed, and who frees the pages. Every interleaving by brute force. */

const view: Region = buf({ name: 'view', at: '0x200000000000', pages: 1, mm: 'child', sharesTable: 'buf' })
const heap: Region = buf({ name: 'heap', at: '0x200000200000', pages: 1, mm: 'child' })
const child = (...script: CpuSpec['script']): CpuSpec => ({ ...app(...script), task: 'child' })
const munmapBuf = { ...app({ do: 'munmap', region: 'buf' }), tlb: 0, walkCache: 0 }
const munmapView = { ...child({ do: 'munmap', region: 'view' }), tlb: 0, walkCache: 0 }
const write = { do: 'write', page: 'view[0]' } as const
const regions = [buf({ pages: 1 }), view, heap]

describe('a page table that two processes share', () => {
  it('is one frame, named by an entry of each', () => {
    const { setup, initial } = labOf(scenarioOf({ regions, cpus: [munmapBuf] }))
    const place = setup.shape.path[0]?.at(-1) ?? -1
    const [other] = sharers(setup.shape, place)
    expect(tableFrame(setup.shape, initial, other ?? -1)).toBe(tableFrame(setup.shape, initial, place))
    expect(isShared(setup.shape, initial, place)).toBe(true)
  })

  it('whoever unmaps last frees the page and the table, once, in whichever order they come', () => {
    const lab = labOf(scenarioOf({ regions, cpus: [munmapBuf, munmapView] }))
    const free = get(lab.initial, lab.setup.shape.freeCount, 0)
    const { deadlock, damage } = enumerate(lab, m => {
      if (!lab.actors.every(a => a.finished(m))) return
      // The page, the shared table, and the app's PMD and PUD tables. The child's heap keeps its own.
      expect(get(m, lab.setup.shape.freeCount, 0)).toBe(free + 4)
      expect(get(m, lab.setup.shape.iMmapLock, 0)).toBe(0)
    })
    expect(deadlock).toBeUndefined()
    expect(damage).toBe(0)
  })

  it.each([
    ['3.18', {}, true],
    ['5.5', {}, true],
    ['5.5', { unshareRecordsRange: true }, false],
    ['6.1', {}, false],
    ['6.1', { unshareRecordsRange: false }, true],
    ['6.14', {}, false],
  ] as const)('%s %o: a thread of the child reaches the freed page: %s (B28)', (kernel, switches, expected) => {
    const cpus = [munmapBuf, munmapView, { ...child(write, write), tlb: 1, walkCache: 1 }]
    const { damage, deadlock } = enumerate(labOf(scenarioOf({ regions, cpus }), { kernel, switches }))
    expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
    expect((damage & DAMAGE.usedAfterFree) !== 0).toBe(expected)
  })

  it.each([
    ['5.5', 'x86', {}, true],
    ['5.5', 'x86', { unshareSyncsWalkers: true }, false],
    // The IPI of the flush waits for interrupts to be enabled, as that of the sync does.
    ['6.6', 'x86', {}, false],
    // A TLBI does not, but the grace period does.
    ['6.6', 'arm64', {}, false],
  ] as const)('%s, %s %o: GUP-fast of the child uses the freed table: %s (B28)', (kernel, arch, switches, expected) => {
    const cpus = [munmapBuf, munmapView, { ...child({ do: 'gup-fast', page: 'view[0]' }), tlb: 0, walkCache: 0 }]
    const { damage, deadlock } = enumerate(labOf(scenarioOf({ regions, cpus }), { kernel, arch, switches }))
    expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
    expect((damage & DAMAGE.softwareWalk) !== 0).toBe(expected)
  })

  it('is checked: alike, alone in its table, unmapped as a whole', () => {
    const wrong = (over: Partial<Region>, ...cpus: CpuSpec[]): readonly string[] =>
      checkScenario({ ...scenarioOf({ regions, cpus: [munmapBuf] }), ...changed(over, cpus) }).map(p => p.at)
    expect(wrong({ pages: 2 })).toContain('memory.regions[1].sharesTable')
    expect(wrong({ sharesTable: 'heap' })).toContain('memory.regions[1].sharesTable')
    expect(wrong({ at: '0x200000201000' })).toContain('memory.regions[1].sharesTable')
    expect(wrong({}, child({ do: 'munmap', region: 'view', pages: 1 }))).toEqual(['cpus[1].script[0]'])
    expect(wrong({}, child({ do: 'madvise-dontneed', region: 'view' }))).toEqual(['cpus[1].script[0].do'])
  })
})

const changed = (over: Partial<Region>, more: readonly CpuSpec[]) => ({
  memory: { frames: 16, regions: [buf({ pages: 1 }), { ...view, ...over }, heap] },
  cpus: [munmapBuf, ...more],
})
