import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { SimEvent } from '../../core/machine/event.ts'
import { asPfn, asVpn } from '../../core/units.ts'
import type { ConsumerView } from '../../core/view/world.ts'
import { ConsumerCard } from './ConsumerCard.tsx'

const vm: ConsumerView = {
  index: 0,
  name: 'VM 0',
  kind: 'KVM',
  what: 'shadow page table',
  facts: [{ name: 'mmu_invalidate_seq', short: 'seq', value: '3', busy: false }],
  lists: [
    {
      title: 'SPTEs',
      entries: [
        { vpn: asVpn(0), label: 'ram[0]', tag: 'gfn 0x10', entry: null },
        {
          vpn: asVpn(1),
          label: 'ram[1]',
          tag: 'gfn 0x11',
          entry: { pfn: asPfn(6), writable: true, state: 'stale' },
        },
      ],
    },
  ],
  threads: [
    {
      name: 'vCPU 0',
      doing: '1/2 read ram[0]',
      steps: [
        { text: 'guest access', state: 'done', note: '' },
        { text: 'check', state: 'current', note: 'seq 3' },
        { text: 'map', state: 'ahead', note: '' },
      ],
    },
  ],
}

const harm: SimEvent = {
  type: 'used-after-free',
  by: { kind: 'consumer', index: 0 },
  vpn: asVpn(1),
  pfn: asPfn(6),
  write: true,
  owner: 'other',
}
const draw = (events: readonly SimEvent[] = [], actor?: string): string =>
  renderToStaticMarkup(<ConsumerCard consumer={vm} events={events} actor={actor} />)

describe('the card of a consumer', () => {
  it('has a place for every entry, and says of each what it leads to and whether that is still so', () => {
    const html = draw()
    expect(html).toContain('1 of 2')
    expect(html).toContain('SPTEs of VM 0: gfn 0x11, ram[1], leads to frame 6, writable, stale')
    expect(html).toMatch(/gfn 0x10<\/span><span>none/)
  })

  it('says in words at which step of how many each thread is, and lights the one that acted', () => {
    expect(draw()).toContain('2 of 3: check (seq 3)')
    expect(draw()).not.toContain('card-acting')
    expect(draw([], 'vCPU 0')).toContain('card-acting')
  })

  it('tells of harm done by this consumer, and of nobody else’s', () => {
    expect(draw([harm])).toContain('pfn 6 belongs to')
    expect(draw([{ ...harm, by: { kind: 'consumer', index: 1 } }])).not.toContain('Use after free')
  })
})
