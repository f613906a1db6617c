import { describe, expect, it } from 'vitest'
import { lazyCpu } from '../bugs/scenarios/lazy-cpu.ts'
import { switchingCpu } from '../bugs/scenarios/switching-cpu.ts'
import { DAMAGE } from '../machine/damage.ts'
import { Run } from '../runs/run.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { type Chosen, labOf } from '../testing/labs.ts'
import { cpuViews } from '../view/translators.ts'

/* CPUs that a flush need not interrupt, because they look at tlb_gen when they come back. Every interleaving by brute force. */

function damageIn(scenario: Scenario, chosen: Chosen): number {
  const { damage, deadlock } = enumerate(labOf(scenario, chosen))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return damage & (DAMAGE.usedAfterFree | DAMAGE.walkedAfterFree)
}

describe('a lazy CPU and a page table that goes (B30)', () => {
  it.each([
    ['6.1', 'x86', {}, true],
    ['6.14', 'x86', {}, true],
    ['6.14', 'x86', { lazyCpusSkippedOnTableFree: false }, false],
    ['6.19', 'x86', {}, false],
    ['6.14', 'arm64', {}, false],
  ] as const)('%s, %s %o: it walks a freed table: %s', (kernel, arch, switches, expected) => {
    expect(damageIn(lazyCpu, { kernel, arch, switches })).toBe(expected ? DAMAGE.walkedAfterFree : 0)
  })

  it('is interrupted by munmap(), which says that tables go', () => {
    const cpus = lazyCpu.cpus.map((cpu, c) =>
      c === 0 ? { ...cpu, script: [{ do: 'munmap', region: 'file' } as const] } : cpu,
    )
    expect(damageIn({ ...lazyCpu, cpus }, { kernel: '6.14' })).toBe(0)
  })
})

describe('a CPU that comes back to the mm (B35)', () => {
  it.each([
    ['5.5', 'x86', {}, false],
    ['6.14', 'x86', {}, true],
    ['6.14', 'x86', { flushWhileSwitching: true }, false],
    ['6.19', 'x86', {}, false],
    ['6.19', 'x86', { flushWhileSwitching: false }, true],
    ['6.14', 'arm64', { flushWhileSwitching: false }, false],
  ] as const)('%s, %s %o, from another process: it reaches a freed page: %s', (kernel, arch, switches, expected) => {
    expect(damageIn(switchingCpu, { kernel, arch, switches })).toBe(expected ? DAMAGE.usedAfterFree : 0)
  })

  it('from a kernel thread: a flush that passed it by shows in tlb_gen', () => {
    const cpus = switchingCpu.cpus.map(cpu => ({
      ...cpu,
      script: cpu.script.map(a => (a.do === 'switch-mm' ? ({ ...a, to: 'kernel-thread' } as const) : a)),
    }))
    expect(damageIn({ ...switchingCpu, cpus }, { kernel: '6.14' })).toBe(0)
  })

  it('is shown with what it has loaded, as long as it is away', () => {
    const run = new Run(labOf(switchingCpu, { kernel: '6.14' }))
    const shown = new Set<string>()
    while (run.lab.actors[1]?.ready(run.stateAt(run.length)) === 1) {
      run.push({ actor: 1, alternative: 0 })
      const loaded = cpuViews(run.lab, run.stateAt(run.length))[1]?.loaded
      if (loaded !== undefined) shown.add(loaded)
    }
    expect([...shown]).toEqual(['another mm', 'switching'])
    expect(cpuViews(run.lab, run.stateAt(run.length))[1]?.loaded).toBeUndefined()
  })
})
