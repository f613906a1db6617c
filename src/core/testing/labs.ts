import { known } from '../base/assert.ts'
import type { SwitchValues } from '../policy/policy.ts'
import { presetOf, usualDriver } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import type { Arch, DriverKind, KernelId } from '../runs/settings.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { checkScenario } from '../scenarios/check.ts'
import type { Region, Scenario } from '../scenarios/scenario.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'

/** What a test chooses; the rest is what a reader would get. */
export interface Chosen {
  readonly kernel?: KernelId
  readonly driver?: DriverKind
  readonly arch?: Arch
  readonly switches?: SwitchValues
  /** Points to leave out: threads/omission.ts. */
  readonly without?: readonly string[]
}

/** A shipped scenario by its id, or one of the test's own, ready to run. */
export function labOf(
  scenario: string | Scenario,
  { kernel = '6.6', driver, arch = 'x86', switches, without }: Chosen = {},
): Lab {
  const s = typeof scenario === 'string' ? known(scenarioById(scenario), scenario) : scenario
  const preset = presetOf(kernel, arch, driver ?? usualDriver(kernel))
  return buildLab(s, applySwitches(preset, { ...s.switches, ...switches }), undefined, without)
}

type Parts = Partial<Omit<Scenario, 'memory' | 'cpus'>> & Pick<Scenario, 'cpus'> & Partial<Scenario['memory']>

/** A scenario of a test's own: says what matters, has room for the rest. Refuses what a reader could not load either. */
export function scenarioOf({ frames = 16, regions = [buf()], zeroPage, ...rest }: Parts): Scenario {
  const scenario: Scenario = {
    format: 1,
    id: 'test',
    title: 'Test',
    purpose: '',
    lookFor: '',
    bugs: [],
    memory: { frames, regions, ...(zeroPage === undefined ? {} : { zeroPage }) },
    devices: [],
    iommu: { iotlb: 4, walkCache: 3, queue: 4 },
    batchSize: 16,
    switches: {},
    breaks: [],
    ...rest,
  }
  const problems = checkScenario(scenario)
  if (problems.length > 0) throw new Error(problems.map(p => `${p.at}: ${p.message}`).join('\n'))
  return scenario
}

/** Two writable anonymous pages, both present, unless told otherwise. */
export const buf = (region: Partial<Region> = {}): Region => ({
  name: 'buf',
  at: '0x100000000000',
  pages: 2,
  kind: 'anon',
  protection: 'rw',
  present: 'all',
  ...region,
})

/** A page in the same page table as `buf`, so that the table stays when `buf` goes. */
export const neighbour = (region: Partial<Region> = {}): Region =>
  buf({ name: 'heap', at: '0x100000100000', pages: 1, ...region })

/** A CPU of the process whose page table is in question. */
export const app = (...script: Scenario['cpus'][number]['script']): Scenario['cpus'][number] => ({
  task: 'app',
  tlb: 4,
  walkCache: 3,
  script,
})

/** A CPU of the process that gets what others free. */
export const other = (...script: Scenario['cpus'][number]['script']): Scenario['cpus'][number] => ({
  task: 'other',
  tlb: 0,
  walkCache: 0,
  script,
})

export const gpu = (...script: Scenario['devices'][number]['script']): Scenario['devices'][number] => ({
  name: 'GPU 0',
  script,
})
