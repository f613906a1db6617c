import type { Policy } from '../policy/policy.ts'
import { presetOf } from '../policy/presets.ts'
import { buildLab } from '../scenarios/build.ts'
import { NOTHING_BESIDES } from '../scenarios/initial-state.ts'
import { runAlone } from './run-alone.ts'
import { NOT_YET, type Simulate } from './simulated.ts'
import { simulationOf } from './simulations/index.ts'
import { scenarioOf, tablesThere } from './simulations/simulation.ts'

/**
 * Builds a machine after the description of a recorded operation and runs the operation in it, alone and to its end. Only what
 * the description calls a cause goes in: ranges, pages, tables, neighbours, CPUs, other tasks' gathers.
 *
 * In what it differs on purpose is listed in differences.ts.
 */
export const simulate: Simulate = operation => {
  const simulation = simulationOf(operation.name)
  if (simulation === undefined) return { why: NOT_YET }
  const why = simulation.whyNot(operation)
  if (why !== null) return { why }
  const preset = presetOf(operation.kernel === '6.12' ? '6.6' : '6.1', 'x86', 'notifier')
  const policy: Policy = { ...preset, tableFree: operation.tablesFreedBy === 'rcu' ? 'rcu' : 'with-pages' }
  const besides = {
    ...NOTHING_BESIDES,
    emptyTables: [...tablesThere(operation), ...(simulation.tables?.(operation) ?? [])],
    entries: simulation.entries?.(operation) ?? [],
    flushPutOff: operation.flushPutOff,
    lazilyFreed: operation.pages.filter(p => p.lazilyFreed).map(p => p.vpn),
  }
  const steps = runAlone(buildLab(scenarioOf(operation, simulation), policy, besides), operation)
  return simulation.after?.(steps, operation, policy) ?? steps
}
