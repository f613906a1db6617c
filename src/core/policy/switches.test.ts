import { describe, expect, it } from 'vitest'
import { KERNEL_IDS } from '../runs/settings.ts'
import { presetOf } from './presets.ts'
import { applySwitches, parseSwitch, parseSwitches, SWITCH_IDS, SWITCHES } from './switches.ts'

describe('switches', () => {
  it('cover every field of a policy but the three that are chosen elsewhere', () => {
    const fields = Object.keys(presetOf('6.6', 'x86', 'notifier')).filter(
      f => !['kernel', 'arch', 'driver'].includes(f),
    )
    expect([...SWITCH_IDS].sort()).toEqual(fields.sort())
  })

  it('offer every value that a preset has', () => {
    for (const kernel of KERNEL_IDS) {
      for (const arch of ['x86', 'arm64'] as const) {
        const policy = presetOf(kernel, arch, 'notifier')
        for (const s of SWITCHES) expect(s.values.map(v => v.value)).toContain(policy[s.id])
      }
    }
  })

  it('change the field they name and no other', () => {
    const policy = presetOf('3.19', 'x86', 'notifier')
    for (const s of SWITCHES) {
      for (const { value } of s.values) {
        expect(applySwitches(policy, { [s.id]: value })).toEqual({ ...policy, [s.id]: value })
      }
    }
  })

  it('are read from text', () => {
    expect(parseSwitch('drainsWalks', 'false')).toEqual({ ok: true, value: { id: 'drainsWalks', value: false } })
    expect(parseSwitch('tableFree', 'rcu')).toEqual({ ok: true, value: { id: 'tableFree', value: 'rcu' } })
  })

  it.each([
    ['drainWalks', 'true', 'there is no switch “drainWalks”', 'Did you mean “drainsWalks”?'],
    ['invalidate_kind', 'leaf', 'there is no switch “invalidate_kind”', 'Did you mean “invalidateKind”?'],
    ['tableFree', 'rcv', 'tableFree cannot be “rcv”', 'Did you mean “rcu”?'],
    ['tableFree', 'sometimes', 'tableFree cannot be “sometimes”', 'Write with-pages or rcu.'],
    ['mergeVmas', 'TRUE', 'mergeVmas cannot be “TRUE”', 'Did you mean “true”?'],
  ])('%s=%s: says what was meant', (id, text, message, mend) => {
    expect(parseSwitch(id, text)).toEqual({ ok: false, problems: [{ at: `switches.${id}`, message, mend }] })
  })

  it('are no place for names that every object has', () => {
    const { values, problems } = parseSwitches(
      JSON.parse('{"__proto__":"true","constructor":"true","drainsWalks":"true"}'),
    )
    expect(values).toEqual({ drainsWalks: true })
    expect(problems).toHaveLength(2)
  })
})
