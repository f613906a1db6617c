import { readFileSync } from 'node:fs'
import { resourceUsage } from 'node:process'
import type { Choices } from '../scripts/promela.ts'
import { runToEnd } from '../src/core/explorer/explore.ts'
import { EVERY_STATE, REDUCED, search } from '../src/core/explorer/search.ts'
import type { Verdict } from '../src/core/explorer/system.ts'
import { presetOf } from '../src/core/policy/presets.ts'
import { applySwitches } from '../src/core/policy/switches.ts'
import { buildLab, type Lab } from '../src/core/scenarios/build.ts'
import { propertiesOf, systemOf } from '../src/core/scenarios/exploration.ts'
import type { Scenario } from '../src/core/scenarios/scenario.ts'
import type { Sample } from './measured.ts'

/*
 * One search by our explorer, in a process of its own: explore.ts builds this file and runs it.
 * Arguments: a scenario file, the choices as JSON, `reduce` or `every`.
 */

/** More than any machine that runs this has. */
const BUDGET = { states: 2 ** 31, bytes: 2 ** 36 }

/** The full verdict: I1, I2, and that nobody is stuck. `reduce`: it need not visit every state to know. */
function verdictOf(lab: Lab, { reduce }: { readonly reduce: boolean }): Verdict {
  return runToEnd(search(systemOf(lab), propertiesOf(lab), BUDGET, reduce ? REDUCED : EVERY_STATE))
}

const [file = '', choices = '{}', how = ''] = process.argv.slice(2)
const scenario: Scenario = JSON.parse(readFileSync(file, 'utf8'))
const { kernel, arch, driver, switches }: Choices = JSON.parse(choices)
const lab = buildLab(scenario, applySwitches(presetOf(kernel, arch, driver), { ...scenario.switches, ...switches }))

const begun = performance.now()
const { kind, states, transitions } = verdictOf(lab, { reduce: how === 'reduce' })
const seconds = (performance.now() - begun) / 1000
const sample: Sample = {
  verdict: kind,
  states,
  transitions,
  seconds,
  peakBytes: resourceUsage().maxRSS * 1024,
}
console.log(JSON.stringify(sample))
