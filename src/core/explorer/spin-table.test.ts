import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import type { SwitchValues } from '../policy/policy.ts'
import type { Arch, DriverKind, KernelId } from '../runs/settings.ts'
import { checkScenario } from '../scenarios/check.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { RULES } from '../scenarios/rules.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { SCENARIOS } from '../scenarios/scenario-list.ts'
import { labOf } from '../testing/labs.ts'
import { runToEnd } from './explore.ts'
import { search } from './search.ts'
import { sweep } from './sweep.ts'
import type { Property } from './system.ts'

/** What SPIN found in models of the same scenarios. Written by scripts/verify-spin.ts. */
interface Row {
  readonly scenario: string
  readonly kernel: KernelId
  readonly driver: DriverKind
  readonly arch: Arch
  readonly switches: SwitchValues
  readonly states: number
  readonly transitions: number
  readonly breaks: readonly string[]
  readonly harmIn: number | null
}

const folder = new URL('../../../verify/spin/', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
const table: { readonly rows: readonly Row[] } = read('table.json')
/** Not shipped, only compared. */
const unshipped: readonly Scenario[] = readdirSync(folder)
  .filter(name => name.endsWith('.json') && name !== 'table.json')
  .map(read)
const scenarios: readonly Scenario[] = [...SCENARIOS, ...unshipped]

const budget = { states: 5_000_000, bytes: 2 ** 31 }
/** The large ones are looked at by `npm run verify:spin`. */
const few = table.rows.filter(row => row.states <= 25_000)

const nameOf = ({ scenario, kernel, driver, arch, switches }: Row): string =>
  [scenario, kernel, driver, arch, ...Object.entries(switches).map(([id, value]) => `${id}=${value}`)].join(' ')

describe('what SPIN counts, our explorer counts too (a change that is meant: npm run verify:spin -- --write)', () => {
  it('in enough combinations, some of them of each scenario', () => {
    expect(unshipped.flatMap(checkScenario)).toEqual([])
    expect(table.rows.length).toBeGreaterThanOrEqual(150)
    expect(few.length).toBeGreaterThanOrEqual(100)
    expect(new Set(few.map(row => row.scenario))).toEqual(new Set(table.rows.map(row => row.scenario)))
  })

  it.each(few.map(row => [nameOf(row), row] as const))('%s', (_name, row) => {
    const lab = labOf(
      known(
        scenarios.find(s => s.id === row.scenario),
        row.scenario,
      ),
      row,
    )
    const breaks = new Set<string>()
    const witness: Property = {
      id: 'witness',
      sentence: 'every state is looked at',
      expect: 'always',
      holds: state => {
        for (const rule of RULES)
          if (!breaks.has(rule.id) && rule.violated(lab.setup, state as Machine)) breaks.add(rule.id)
        return true
      },
    }
    const whole = runToEnd(search(systemOf(lab), [witness], budget))
    const harmed = breaks.has('I1') || breaks.has('I2')
    const harm = harmed ? runToEnd(search(systemOf(lab), propertiesOf(lab, ['I1', 'I2']), budget)) : undefined

    expect({
      kind: whole.kind,
      states: whole.states,
      transitions: whole.transitions,
      breaks: RULES.map(rule => rule.id).filter(id => breaks.has(id)),
      harmIn: harm?.kind === 'violated' ? harm.run.length : null,
    }).toEqual({
      kind: 'holds',
      states: row.states,
      transitions: row.transitions,
      breaks: row.breaks,
      harmIn: row.harmIn,
    })
  })

  it.each([['ats-two-devices'], ['kvm-zap']])('in no order too, states side by side: %s', id => {
    const row = known(
      few.find(r => r.scenario === id && r.kernel === '6.6' && r.driver === 'notifier'),
      id,
    )
    const lab = labOf(
      known(
        scenarios.find(s => s.id === id),
        id,
      ),
      row,
    )
    const system = systemOf(lab)
    const steps = sweep(system, known(system.parts, 'parts'), [], budget)
    for (;;) {
      const { done, value } = steps.next()
      if (done !== true) continue
      expect([value.kind, value.states, value.transitions]).toEqual(['holds', row.states, row.transitions])
      return
    }
  })
})
