import { known } from '../base/assert.ts'
import { copyOf } from '../machine/cells.ts'
import type { Policy } from '../policy/policy.ts'
import { presetOf, usualDriver } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import { type Arch, type DriverKind, KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import { buildLab } from '../scenarios/build.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import { picked } from './walks.ts'

interface Where {
  readonly driver?: DriverKind
  readonly arch?: Arch
}

const WALKS = 12
const STEPS = 400

/**
 * For tests that search every state: the kernels that a scenario can tell apart, each by its oldest. Two kernels are the same to a
 * scenario when all that it asks their policies gets the same answers, while it is built and on some walks. A question that is
 * asked in rare states only may go unheard: then a kernel that behaves like another one's twin almost everywhere is not searched.
 */
export function distinctKernels(given: string | Scenario, where: Where = {}): readonly KernelId[] {
  const scenario = typeof given === 'string' ? known(scenarioById(given), given) : given
  const first = new Map<string, KernelId>()
  for (const kernel of KERNEL_IDS) {
    const answers = answersIn(scenario, kernel, where)
    if (!first.has(answers)) first.set(answers, kernel)
  }
  return [...first.values()]
}

/** What the scenario asked this kernel's policy, and the answers. The name of the kernel is no answer. */
function answersIn(
  scenario: Scenario,
  kernel: KernelId,
  { arch = 'x86', driver = usualDriver(kernel) }: Where,
): string {
  const heard = new Map<string, unknown>()
  const policy = applySwitches(presetOf(kernel, arch, driver), scenario.switches)
  const lab = buildLab(scenario, listening(policy, heard))
  for (let walk = 0; walk < WALKS; walk += 1) {
    const m = copyOf(lab.initial)
    for (let i = 0; i < STEPS; i += 1) {
      const choice = picked(lab, m, scrambled(walk * STEPS + i))
      if (choice === undefined) break
      known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
    }
  }
  heard.delete('kernel')
  return JSON.stringify([...heard].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const listening = (policy: Policy, heard: Map<string, unknown>): Policy =>
  new Proxy(policy, {
    get(target, field, self) {
      const value: unknown = Reflect.get(target, field, self)
      if (typeof field === 'string') heard.set(field, value)
      return value
    },
    ownKeys(target) {
      for (const [field, value] of Object.entries(target)) heard.set(field, value)
      return Reflect.ownKeys(target)
    },
  })

/** A fixed, well mixed number for each n: walks are the same every time. */
const scrambled = (n: number): number => (Math.imul(n + 1, 0x9e3779b1) ^ (n << 7)) >>> 4
