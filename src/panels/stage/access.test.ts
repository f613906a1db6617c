import { describe, expect, it } from 'vitest'
import type { SimEvent } from '../../core/machine/event.ts'
import { asPfn, asVpn } from '../../core/units.ts'
import type { DeviceView } from '../../core/view/world.ts'
import { fixtureWorld } from '../shared/fixture.ts'
import { shownAccess } from './access.ts'

const [gpu] = fixtureWorld.devices as [DeviceView]
const about = (lookUp: 'current' | 'done', walk: 'ahead' | 'current'): DeviceView => ({
  ...gpu,
  steps: [
    { text: 'look up buf[0]', state: lookUp, note: '' },
    { text: 'walk page table', state: walk, note: walk === 'current' ? 'found pfn 5' : '' },
    { text: 'write buf[0]', state: 'ahead', note: '' },
  ],
})
const done: DeviceView = { ...gpu, script: gpu.script.map(item => ({ ...item, state: 'done' })), steps: [] }
const access: SimEvent = { type: 'device-accessed', device: 0, vpn: asVpn(0), pfn: asPfn(5), write: true }
const told = (before: DeviceView, events: readonly SimEvent[]) =>
  shownAccess(done, before, events).steps.map(s => `${s.text}: ${s.state}, ${s.note}`)

describe('the access on the card of a device', () => {
  it('stays in view in the step that made it: a hit needs no walk', () => {
    expect(told(about('current', 'ahead'), [access])).toEqual([
      'look up buf[0]: done, hit',
      'walk page table: skipped, skipped',
      'write buf[0]: done, pfn 5',
    ])
    expect(shownAccess(done, about('current', 'ahead'), [access]).script).toBe(gpu.script)
  })

  it('tells of the walk that found the frame', () => {
    expect(told(about('done', 'current'), [access])[1]).toBe('walk page table: done, found pfn 5')
  })

  it('is left as it is where the state before says nothing of an access', () => {
    const short = about('current', 'ahead').steps.slice(0, 2)
    expect(shownAccess(done, { ...done, steps: short }, [access])).toBe(done)
    expect(shownAccess(done, null, [access])).toBe(done)
  })

  it('is the next one as soon as somebody else moves', () => {
    expect(told(about('current', 'ahead'), [])).toEqual([])
    expect(shownAccess(done, about('current', 'ahead'), [{ ...access, device: 1 }])).toBe(done)
  })
})
