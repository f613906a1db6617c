import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { runToEnd } from '../explorer/explore.ts'
import { search } from '../explorer/search.ts'
import { pteYoung, SCRIBBLED, scribbledAt } from '../machine/accessed.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import type { SimEvent } from '../machine/event.ts'
import { pteAt, ptePresent } from '../machine/page-table.ts'
import { Run } from '../runs/run.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { finish } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'
import { iommuView } from '../view/translators.ts'
import { viewOf } from '../view/view-of.ts'

/* What page walks write: Accessed and Dirty. */

describe('a walk through a page table that was freed (B02)', () => {
  /** All tables below the PGD go with the page. The walk cache of the IOMMU keeps the way to the PMD table. */
  const scenario: Scenario = scenarioOf({
    frames: 8,
    regions: [buf({ pages: 1 })],
    cpus: [app({ do: 'munmap', region: 'buf' }), other({ do: 'allocate', as: 'pte-bytes' })],
    devices: [gpu({ do: 'read', page: 'buf[0]' }, { do: 'read', page: 'buf[0]' })],
    iommu: { iotlb: 1, walkCache: 1, queue: 2 },
    accounts: ['accessed'],
  })

  it.each([
    ['3.18', 'naive', true],
    ['3.18', 'empty-table', true],
    ['6.6', 'notifier', false],
  ] as const)('%s, %s: sets Accessed in another process’s bytes: %s', (kernel, driver, expected) => {
    const lab = labOf(scenario, { kernel, driver })
    const { setup } = lab
    let [written, withoutAccess] = [0, 0]
    const { damage } = enumerate(lab, m => {
      for (let pfn = 0; pfn < setup.shape.sizes.frames; pfn++) {
        if (scribbledAt(setup.shape, m, pfn) === SCRIBBLED.nothing) continue
        if (written++ === 0) expect(viewOf(lab, m).frames[pfn]).toMatchObject({ damaged: true, bitsSet: 'A' })
        const accessed = (damageOf(setup, m) & DAMAGE.usedAfterFree) !== 0
        if (!accessed && known(lab.actors[2], 'GPU').finished(m)) withoutAccess++
      }
    })
    expect(written > 0).toBe(expected)
    expect((damage & DAMAGE.walkedAfterFree) !== 0).toBe(expected)
    // Also where the access itself came to nothing.
    expect(withoutAccess > 0).toBe(expected)
  })
})

describe('aging', () => {
  /** The page is read, looked at, read again through the TLB, and then to be reclaimed: whether it is still mapped at the end. */
  function keptAfterUse(chosen: Chosen, idle = false): boolean {
    const lab = labOf(
      scenarioOf({
        regions: [buf({ pages: 1 })],
        cpus: [
          app({ do: 'read', page: 'buf[0]' }, { do: 'read', page: 'buf[0]' }),
          {
            task: 'kernel',
            tlb: 0,
            walkCache: 0,
            script: [
              { do: 'age', region: 'buf', idle },
              { do: 'reclaim', region: 'buf' },
            ],
          },
        ],
      }),
      chosen,
    )
    const run = new Run(lab)
    const until = (actor: number, type: SimEvent['type']): void => {
      for (;;) {
        const m = run.stateAt(run.length)
        const ready =
          known(lab.actors[actor], 'actor').ready(m) > 0
            ? actor
            : lab.actors.findIndex(a => a.kind === 'interrupt' && a.ready(m) > 0)
        if (ready < 0) return
        run.push({ actor: ready, alternative: 0 })
        if (ready === actor && run.film.at(-1)?.events.some(e => e.type === type)) return
      }
    }
    until(0, 'cpu-accessed')
    until(1, 'page-aged')
    // To the end of `age`.
    while (lab.actors[1]?.op(run.stateAt(run.length), 0).fn !== 'folio_trylock') {
      const m = run.stateAt(run.length)
      const actor = lab.actors.findIndex(a => a.id !== 0 && a.ready(m) > 0)
      run.push({ actor, alternative: 0 })
    }
    until(0, 'cpu-accessed')
    expect(accountsOf(lab, run.stateAt(run.length))).toEqual([])
    until(1, 'marked')
    return ptePresent(pteAt(lab.setup.shape, run.stateAt(run.length), 0))
  }

  it.each([
    ['3.7', 'x86', true],
    ['3.18', 'x86', false],
    ['6.19', 'x86', false],
    ['6.19', 'arm64', true],
  ] as const)('%s, %s: a page that is used through a TLB is kept: %s', (kernel, arch, kept) => {
    expect(keptAfterUse({ kernel, arch })).toBe(kept)
    // page_idle flushes nowhere.
    expect(keptAfterUse({ kernel, arch }, true)).toBe(false)
  })

  it.each([
    ['empty-table', true],
    ['naive', false],
  ] as const)('3.18, %s: the driver of AMD IOMMUv2 flushes the page in clear_flush_young: %s', (driver, flushes) => {
    const lab = labOf(
      scenarioOf({
        regions: [buf({ pages: 1 })],
        cpus: [app(), { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'age', region: 'buf' }] }],
        devices: [gpu({ do: 'read', page: 'buf[0]' })],
      }),
      { kernel: '3.18', driver },
    )
    const run = new Run(lab)
    const device = lab.actors.findIndex(a => a.kind === 'device')
    finish(run, device)
    expect(iommuView(lab.setup, run.stateAt(run.length)).iotlb).toHaveLength(1)
    finish(run, 1)
    expect(iommuView(lab.setup, run.stateAt(run.length)).iotlb).toHaveLength(flushes ? 0 : 1)
    expect(pteYoung(lab.setup.shape, run.stateAt(run.length), 0)).toBe(false)
  })

  it('is done by kernel threads, of small pages', () => {
    const plain = scenarioOf({ cpus: [app()] })
    const age = { do: 'age', region: 'buf' } as const
    expect(checkScenario({ ...plain, cpus: [app(age)] }).map(p => p.at)).toEqual(['cpus[0].script[0].do'])
    const huge: Scenario = {
      ...scenarioOf({ regions: [buf({ huge: true })], cpus: [app()] }),
      cpus: [app(), { task: 'kernel', tlb: 0, walkCache: 0, script: [age] }],
    }
    expect(checkScenario(huge).map(p => p.at)).toEqual(['cpus[1].script[0].do'])
  })
})

describe('clearing a PTE', () => {
  const verdict = (chosen: Chosen) => {
    const lab = labOf('accessed-bits', chosen)
    return runToEnd(search(systemOf(lab), propertiesOf(lab, ['I8', 'I1']), { states: 100_000, bytes: 2 ** 28 }))
  }

  it.each([
    ['2.6.27', 'x86', {}, 'holds'],
    ['6.6', 'x86', {}, 'holds'],
    ['6.6', 'arm64', {}, 'holds'],
    ['6.6', 'x86', { pteClearIsExchange: false }, 'violated'],
    ['2.6.27', 'x86', { pteClearIsExchange: false }, 'violated'],
  ] as const)('%s, %s %o: no Dirty bit is lost: %s', (kernel, arch, switches, kind) => {
    const found = verdict({ kernel, arch, switches })
    expect(found.kind).toBe(kind)
  })

  it('a PTE made just now is young, and one that is gone is not', () => {
    const lab = labOf('accessed-bits')
    expect(pteYoung(lab.setup.shape, lab.initial, 1)).toBe(true)
    expect(pteYoung(lab.setup.shape, lab.initial, 0)).toBe(false)
  })
})
