import { type Features, NO_FEATURES } from '../machine/features.ts'
import type { CpuAction, Scenario } from './scenario.ts'

/** What each action needs of the machine. Actions that are not named need nothing. */
const NEEDS: Partial<Record<CpuAction['do'], Partial<Features>>> = {}

/** What a scenario needs of the machine beyond what all have. */
export function featuresOf(scenario: Scenario): Features {
  const { accounts = [], cpus, memory } = scenario
  const shared = memory.regions.filter(r => r.sharesWith !== undefined).length
  const needs: Partial<Features>[] = [
    ...cpus.flatMap(cpu => cpu.script.map(action => NEEDS[action.do] ?? {})),
    { promises: accounts.includes('promises'), contents: accounts.includes('contents') },
    shared === 0 ? {} : { sharers: 1 + shared, references: 1 + shared },
  ]
  return needs.reduce<Features>(both, NO_FEATURES)
}

/** Whatever either of them needs. */
function both(a: Features, b: Partial<Features>): Features {
  const more = Object.entries(b).map(([name, value]) => {
    const before = a[name as keyof Features]
    return [name, typeof value === 'number' ? Math.max(value, Number(before)) : value === true || before === true]
  })
  return { ...a, ...Object.fromEntries(more) }
}
