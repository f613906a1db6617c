import { known } from '../core/base/assert.ts'
import { nearest } from '../core/base/nearest.ts'
import type { Problem } from '../core/base/problem.ts'
import type { Policy, SwitchId, SwitchValues } from '../core/policy/policy.ts'
import { presetOf, usualDriver } from '../core/policy/presets.ts'
import { applySwitches, parseSwitch } from '../core/policy/switches.ts'
import {
  ARCHS,
  type Arch,
  DRIVER_KINDS,
  type DriverKind,
  KERNEL_IDS,
  type KernelId,
  type Settings,
  type SwitchValue,
} from '../core/runs/settings.ts'
import { buildLab, type Lab } from '../core/scenarios/build.ts'
import { NOTHING_BESIDES } from '../core/scenarios/initial-state.ts'
import type { Scenario } from '../core/scenarios/scenario.ts'
import { SCENARIOS, scenarioById } from '../core/scenarios/scenario-list.ts'
import { hasPoint } from '../core/threads/omission.ts'
import type { RunLink } from './lab-api.ts'
import { parseScenarioText } from './scenario-input.ts'

/** What a link asks for, as far as it could be understood, and what was wrong with the rest. */
export interface Resolved {
  readonly scenario: Scenario
  /** The JSON text of a scenario that came with the link. */
  readonly custom: string | null
  readonly settings: Settings
  readonly policy: Policy
  /** Points of its programs to leave out. */
  readonly without: readonly string[]
  readonly problems: readonly Problem[]
}

export const DEFAULT_KERNEL: KernelId = '6.1'

/** Reads scenario, kernel, driver, architecture and switches of a link. What cannot be used falls back to the nearest thing that works. */
export function resolveLink(link: RunLink): Resolved {
  const problems: Problem[] = []
  const { scenario, custom } = resolveScenario(link, problems)
  const kernel = choose(KERNEL_IDS, link.kernel, DEFAULT_KERNEL, 'kernel', problems)
  const driver = choose(DRIVER_KINDS, link.driver, usualDriver(kernel), 'driver', problems)
  const arch = choose(ARCHS, link.arch, 'x86', 'arch', problems)
  const switches: Record<string, SwitchValue> = {}
  for (const [id, text] of Object.entries(link.switches ?? {})) {
    const value = parseSwitch(id, text)
    if (value.ok) switches[value.value.id] = value.value.value
    else problems.push(...value.problems)
  }
  const settled = settle(scenario, kernel, driver, arch, switches)
  const without = resolveWithout(link.without ?? [], scenario, settled.policy, problems)
  return { scenario, custom, ...settled, without, problems }
}

/** The lab that a link asks for. */
export const labFor = ({ scenario, policy, without }: Resolved): Lab =>
  buildLab(scenario, policy, NOTHING_BESIDES, without)

function resolveWithout(ids: readonly string[], scenario: Scenario, policy: Policy, problems: Problem[]): string[] {
  if (ids.length === 0) return []
  const { programs } = buildLab(scenario, policy)
  return ids.filter(id => {
    if (hasPoint(programs, id)) return true
    problems.push({
      at: 'without',
      message: `this kernel has nothing called “${id.slice(0, 100)}” to leave out here`,
      mend: 'Everything is in place, as far as that goes',
    })
    return false
  })
}

/** Settings and policy: preset, then what the scenario presets, then the reader's switches. Switches that change nothing are dropped. */
export function settle(
  scenario: Scenario,
  kernel: KernelId,
  driver: DriverKind,
  arch: Arch,
  switches: SwitchValues | Readonly<Record<string, SwitchValue>>,
): { settings: Settings; policy: Policy } {
  const preset = applySwitches(presetOf(kernel, arch, driver), scenario.switches)
  const kept: Record<string, SwitchValue> = {}
  for (const [id, value] of Object.entries(switches)) {
    if (value !== undefined && preset[id as SwitchId] !== value) kept[id] = value
  }
  return { settings: { kernel, driver, arch, switches: kept }, policy: applySwitches(preset, kept) }
}

function resolveScenario(link: RunLink, problems: Problem[]): { scenario: Scenario; custom: string | null } {
  const fallback = known(SCENARIOS[0], 'a shipped scenario')
  if (link.custom !== undefined) {
    const own = parseScenarioText(link.custom)
    if (own.ok) return { scenario: own.value, custom: link.custom }
    problems.push(...own.problems)
    return { scenario: fallback, custom: null }
  }
  const found = scenarioById(link.scenario)
  if (found !== undefined) return { scenario: found, custom: null }
  const ids = SCENARIOS.map(s => s.id)
  const guess = nearest(link.scenario, ids)
  problems.push({
    at: 's',
    message: `there is no scenario “${link.scenario.slice(0, 60)}”`,
    mend: guess === undefined ? `Choose one of ${ids.join(', ')}` : `Shown instead: ${guess}`,
  })
  return { scenario: scenarioById(guess ?? '') ?? fallback, custom: null }
}

function choose<Id extends string>(
  ids: readonly Id[],
  text: string | undefined,
  fallback: Id,
  at: string,
  problems: Problem[],
): Id {
  if (text === undefined) return fallback
  const exact = ids.find(id => id === text)
  if (exact !== undefined) return exact
  const guess = ids.find(id => id === nearest(text, ids)) ?? fallback
  problems.push({
    at,
    message: `there is no ${at} “${text.slice(0, 60)}”`,
    mend: `Shown instead: ${guess}. There are ${ids.join(', ')}`,
  })
  return guess
}
