import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { get } from '../machine/cells.ts'
import { pteAt, ptePfn } from '../machine/page-table.ts'
import { softAt, softPfn } from '../machine/soft-pte.ts'
import type { CpuAction, Region } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { finish, runAlone } from '../testing/films.ts'
import { buf, labOf, scenarioOf } from '../testing/labs.ts'

/* Pages that a child has too, in the hands of those who find every mapping of a page. */

const cpu = (task: 'app' | 'child' | 'kernel', ...script: CpuAction[]) => ({ task, tlb: 1, walkCache: 0, script })
const child = (region: Partial<Region> = {}): Region =>
  buf({ name: 'childs', at: '0x200000000000', mm: 'child', sharesWith: 'buf', ...region })

/** One CPU after the other runs to its end, and in the end the books add up. */
function oneByOne(cpus: ReturnType<typeof cpu>[], regions: readonly Region[]) {
  const lab = labOf(scenarioOf({ frames: 18, regions, cpus }))
  const run = runAlone(lab)
  for (let who = 1; who < cpus.length; who++) finish(run, who)
  const m = run.stateAt(run.length)
  expect(lab.actors.filter(actor => !actor.finished(m)).map(actor => actor.name)).toEqual([])
  expect(accountsOf(lab, m)).toEqual([])
  return { lab, m }
}

describe('pages that two processes have', () => {
  it('are migrated by one of them: the CPU of the other is interrupted, too', () => {
    const { lab, m } = oneByOne(
      [cpu('app', { do: 'migrate', page: 'buf[0]' }), cpu('child', { do: 'read', page: 'childs[0]' })],
      [buf({ pages: 1 }), child({ pages: 1 })],
    )
    const [ours, theirs] = [0, 1].map(page => ptePfn(pteAt(lab.setup.shape, m, page)))
    expect(ours).toBe(theirs)
    expect(ours).not.toBe(ptePfn(pteAt(lab.setup.shape, lab.initial, 0)))
  })

  it('are merged and then shared: four mappings of one frame are counted', () => {
    const { lab, m } = oneByOne(
      [cpu('kernel', { do: 'ksm-merge', page: 'buf[0]', with: 'buf[1]' }), cpu('app', { do: 'fork' }), cpu('child')],
      [buf(), child({ present: 'none', unmapped: true })],
    )
    expect(get(m, lab.setup.shape.mapcount, known(ptePfn(pteAt(lab.setup.shape, m, 0)), 'frame'))).toBe(4)
  })

  it('stay in the swap cache while they are pinned, and are reclaimed again: no reference is left behind', () => {
    const reclaim = cpu('kernel', { do: 'reclaim', region: 'buf' })
    const { lab, m } = oneByOne(
      [reclaim, cpu('app', { do: 'read', page: 'buf[0]' }), reclaim, cpu('child')],
      [buf({ pages: 1, pinned: [0] }), child({ pages: 1 })],
    )
    const { shape } = lab.setup
    const frame = ptePfn(pteAt(shape, lab.initial, 0))
    expect([0, 1].map(page => softPfn(softAt(shape, m, page)))).toEqual([frame, frame])
    expect(get(m, shape.refcount, frame)).toBe(2)
  })
})
