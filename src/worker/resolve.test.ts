import { describe, expect, it } from 'vitest'
import { known } from '../core/base/assert.ts'
import { scenarioById } from '../core/scenarios/scenario-list.ts'
import { DEFAULT_KERNEL, resolveLink, settle } from './resolve.ts'

describe('what a link leaves open', () => {
  it('is what the lab shows first: the default kernel with its own driver, on x86', () => {
    const { settings, problems } = resolveLink({ scenario: 'munmap-plain' })
    expect(settings).toEqual({ kernel: DEFAULT_KERNEL, driver: 'notifier', arch: 'x86', switches: {} })
    expect(problems).toEqual([])
  })

  it.each([
    ['3.18', 'naive'],
    ['3.19-2of3', 'naive'],
    ['3.19', 'notifier'],
  ])('%s comes with the %s driver, which is what IOMMU drivers of its time did', (kernel, driver) => {
    expect(resolveLink({ scenario: 'munmap-plain', kernel }).settings.driver).toBe(driver)
  })
})

describe('switches of a link', () => {
  it('are kept where they differ from the preset, and dropped where they say what is so anyway', () => {
    const { settings, policy } = resolveLink({
      scenario: 'munmap-plain',
      kernel: '6.1',
      switches: { drainsWalks: 'true', invalidateKind: 'leaf' },
    })
    expect(settings.switches).toEqual({ invalidateKind: 'leaf' })
    expect(policy.invalidateKind).toBe('leaf')
  })

  it('come after those that the scenario presets', () => {
    const scenario = { ...known(scenarioById('munmap-plain'), 'scenario'), switches: { drainsWalks: false } as const }
    expect(settle(scenario, '6.6', 'notifier', 'x86', {}).policy.drainsWalks).toBe(false)
    const back = settle(scenario, '6.6', 'notifier', 'x86', { drainsWalks: true })
    expect([back.policy.drainsWalks, back.settings.switches]).toEqual([true, { drainsWalks: true }])
  })

  it('that do not exist are problems, one each, and the others still count', () => {
    const { settings, problems } = resolveLink({
      scenario: 'munmap-plain',
      switches: { __proto__: 'x', toString: 'true', mergeVmas: 'false', tableFree: 'maybe' } as Record<string, string>,
    })
    expect(settings.switches).toEqual({ mergeVmas: false })
    expect(problems.map(p => p.at)).toEqual(['switches.toString', 'switches.tableFree'])
  })
})

it('names that are almost right are taken for what was meant, and said so', () => {
  const { settings, scenario, problems } = resolveLink({
    scenario: 'Munmap_Plain',
    kernel: '6.7',
    driver: 'emptytable',
  })
  expect([scenario.id, settings.driver]).toEqual(['munmap-plain', 'empty-table'])
  expect(problems.map(p => p.at)).toEqual(['s', 'kernel', 'driver'])
  for (const p of problems) expect(p.mend).toMatch(/^Shown instead: /)
})
