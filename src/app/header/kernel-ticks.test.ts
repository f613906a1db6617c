import { describe, expect, it } from 'vitest'
import { KERNELS } from '../../core/policy/catalogue.ts'
import { releasesOf, ticksOf } from './kernel-ticks.ts'

const releases = releasesOf(KERNELS)
const written = (current: string | null): string[] =>
  [...ticksOf(releases, current)].sort(([a], [b]) => a - b).map(([, tick]) => tick.text)

describe('the stops of the kernel slider', () => {
  it('keep the patches of one release together', () => {
    expect(releases.filter(r => r.stops.length > 1).map(r => [r.name, r.stops.map(s => s.label)])).toEqual([
      ['3.19', ['3.19 1/3', '3.19 2/3', '3.19']],
    ])
    expect(releases.flatMap(r => r.stops)).toEqual(KERNELS)
    expect(releases.map(r => r.from)).toEqual(releases.map(r => KERNELS.findIndex(k => k.id === r.stops[0]?.id)))
  })

  it.each(KERNELS)('$label is written when it is chosen, in place of its release', ({ id, label }) => {
    expect(written(id).filter(text => text === label)).toHaveLength(1)
    if (label.startsWith('3.19 ')) expect(written(id)).not.toContain('3.19')
  })

  it('are written at both ends, at the series, and elsewhere where there is room', () => {
    const texts = written('6.1')
    expect(texts).toEqual(expect.arrayContaining(['2.6.27', '3.19', '6.1', '6.19']))
    expect(texts.length).toBeLessThan(releases.length)
    expect(written('2.6.27')).not.toContain('3.7')
  })

  it('stay inside: texts at the ends begin and end with the slider', () => {
    const ticks = ticksOf(releases, '6.1')
    expect([ticks.get(0)?.align, ticks.get(releases.length - 1)?.align]).toEqual(['start', 'end'])
    expect([...ticks.values()].filter(t => t.align !== 'middle')).toHaveLength(2)
  })
})
