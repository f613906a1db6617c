import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { CpuAction, Region } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { runAlone, runOf } from '../testing/films.ts'
import { app, buf, labOf, neighbour, scenarioOf } from '../testing/labs.ts'
import { viewOf } from '../view/view-of.ts'

const shared = (...script: readonly CpuAction[]) =>
  scenarioOf({ regions: [buf(), neighbour()], cpus: [app({ do: 'munmap', region: 'buf' }), app(...script)] })

describe('a shootdown', () => {
  it('is an IPI on x86: the pages are freed only when the other CPU has flushed', () => {
    const lab = labOf(shared({ do: 'write', page: 'buf[0]' }))
    const run = runAlone(lab)
    const flush = known(
      run.film.findIndex(s => s.mark === 'flush'),
      'flush',
    )
    const waiting = run.stateAt(flush + 1)
    const cpu0 = known(lab.actors[0], 'CPU 0')
    expect(cpu0.ready(waiting)).toBe(0)
    expect(cpu0.blocked(waiting)).toBe('CPU 1 has not flushed yet')
    expect(run.film.flatMap(s => s.events)).toContainEqual({ type: 'ipi-sent', to: [1], skipped: [] })
  })

  it('protects CPUs without any notifier: whatever a second thread does, no freed frame is reached', () => {
    const { damage, deadlock } = enumerate(
      labOf(shared({ do: 'write', page: 'buf[0]' }, { do: 'read', page: 'buf[1]' })),
    )
    expect([damage, deadlock]).toEqual([0, undefined])
  })

  it('waits for an instruction that is in the middle of its page walk', () => {
    const lab = labOf(shared({ do: 'write', page: 'buf[0]' }))
    const walking = { actor: 1, alternative: 0 }
    const run = runOf(lab, [walking, walking])
    const alone = runAlone(lab).choices.filter(c => c.actor === 0)
    const upToFlush = alone.slice(
      0,
      runAlone(lab)
        .film.filter(s => s.choice.actor === 0)
        .findIndex(s => s.mark === 'flush') + 1,
    )
    for (const choice of upToFlush) run.push(choice)
    const interrupt = known(
      lab.actors.find(a => a.name === 'CPU 1 IPI'),
      'interrupt',
    )
    const m = run.stateAt(run.length)
    expect([interrupt.ready(m), interrupt.blocked(m)]).toEqual([0, 'an instruction is in the middle of its page walk'])
  })
})

describe('a CPU in lazy TLB mode', () => {
  const lazy = (neighbours: boolean) =>
    scenarioOf({
      regions: neighbours ? [buf(), neighbour()] : [buf()],
      cpus: [app({ do: 'munmap', region: 'buf' }), { ...app(), lazy: true }],
    })
  const shootdown = (neighbours: boolean, arch: 'x86' | 'arm64' = 'x86') =>
    runAlone(labOf(lazy(neighbours), { arch }))
      .film.flatMap(s => s.events)
      .filter(e => e.type === 'ipi-sent' || (e.type === 'cpu-tlb-flushed' && e.cpu === 1))
      .map(e => (e.type === 'ipi-sent' ? `IPI to ${e.to.length}, ${e.skipped.length} skipped` : 'CPU 1 flushes'))

  it('is not interrupted while only pages go', () => {
    expect(shootdown(true)).toEqual(['IPI to 0, 1 skipped'])
  })

  it('is interrupted when page tables go: it may still walk them', () => {
    expect(shootdown(false)).toEqual(['IPI to 1, 0 skipped', 'CPU 1 flushes'])
  })

  it('hears the broadcast on arm64 in any case, once for the VMA and once for the tables', () => {
    expect(shootdown(true, 'arm64')).toEqual(['CPU 1 flushes'])
    expect(shootdown(false, 'arm64')).toEqual(['CPU 1 flushes', 'CPU 1 flushes'])
  })
})

describe('a flush when only pages go', () => {
  const walkCache = (arch: 'x86' | 'arm64', regions: readonly Region[]) => {
    const read = scenarioOf({
      regions,
      cpus: [app({ do: 'read', page: 'buf[0]' }, { do: 'munmap', region: 'buf' })],
    })
    const run = runAlone(labOf(read, { arch }))
    return viewOf(run.lab, run.stateAt(run.length)).cpus[0]?.walkCache.map(e => e.level)
  }

  it('drops walk caches too on x86, where INVLPG knows no better', () => {
    expect(walkCache('x86', [buf(), neighbour()])).toEqual([])
  })

  it('names leaf entries on arm64, and walk caches stay, unless page tables are freed', () => {
    expect(walkCache('arm64', [buf(), neighbour()])).toEqual(['PUD', 'PMD', 'PTE'])
    expect(walkCache('arm64', [buf()])).toEqual([])
  })
})
