import { describe, expect, it } from 'vitest'
import { get, type Machine } from '../machine/cells.ts'
import { DAMAGE } from '../machine/damage.ts'
import type { SimEvent } from '../machine/event.ts'
import { pteAt, ptePresent } from '../machine/page-table.ts'
import type { Lab } from '../scenarios/build.ts'
import { enumerate } from '../testing/enumerate.ts'
import { runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, labOf, scenarioOf } from '../testing/labs.ts'

/* A stack above a hole: who grows it, under which lock, and what becomes of the page table meanwhile. Every interleaving by brute force. */

const hole = buf({ at: '0x1000001ff000', pages: 1 })
const stack = buf({ name: 'stack', at: '0x100000200000', pages: 1, growsDown: true })
const write = { do: 'write', page: 'buf[0]' } as const

const beside = scenarioOf({
  regions: [hole, stack],
  cpus: [
    { ...app({ do: 'munmap', region: 'buf' }), tlb: 0, walkCache: 0 },
    { ...app(write), tlb: 1, walkCache: 1 },
  ],
})

const unmapThenWrite = (above: typeof stack) =>
  scenarioOf({ regions: [hole, above], cpus: [app({ do: 'munmap', region: 'buf' }, write)] })

describe('a write below a stack', () => {
  it('grows the stack: the page is its page then', () => {
    const lab = labOf(unmapThenWrite(stack))
    const { final, events } = endOf(lab)
    expect(events.filter(e => e.type === 'stack-grown')).toHaveLength(1)
    expect(get(final, lab.setup.shape.vma, 0)).toBe(get(final, lab.setup.shape.vma, 1))
    expect(ptePresent(pteAt(lab.setup.shape, final, 0))).toBe(true)
  })

  it('is refused below anything else', () => {
    const { growsDown: _, ...plain } = stack
    const { events } = endOf(labOf(unmapThenWrite(plain)))
    expect(events.some(e => e.type === 'stack-grown')).toBe(false)
    expect(events.filter(e => e.type === 'fault-refused')).toHaveLength(1)
  })
})

describe('beside a munmap() of the page below (B27)', () => {
  it.each([
    ['4.19', {}, false],
    ['5.5', {}, true],
    ['5.5', { mmapLockDowngrade: 'unless-grows' }, false],
    ['5.5', { stackGrowthLock: 'write' }, false],
    ['6.1', {}, false],
    ['6.1', { mmapLockDowngrade: 'always' }, true],
    ['6.6', {}, false],
    ['6.6', { stackGrowthLock: 'read' }, true],
    ['6.14', {}, false],
  ] as const)('%s %o: the fault uses a freed page table: %s', (kernel, switches: Chosen['switches'], expected) => {
    const { damage, deadlock } = enumerate(labOf(beside, { kernel, ...(switches && { switches }) }))
    expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
    expect((damage & DAMAGE.softwareWalk) !== 0).toBe(expected)
    expect(damage & (DAMAGE.usedAfterFree | DAMAGE.walkedAfterFree)).toBe(0)
  })
})

function endOf(lab: Lab): { readonly final: Machine; readonly events: readonly SimEvent[] } {
  const run = runAlone(lab)
  return { final: run.stateAt(run.length), events: run.film.flatMap(step => step.events) }
}
