import { describe, expect, it } from 'vitest'
import { BUGS } from '../../core/bugs/bug-list.ts'
import { COST_BUGS } from '../../core/bugs/cost-bugs.ts'
import { isOlder, placeOf, RELEASES, spanOf, spanText } from './versions.ts'

describe('the releases a bug was in', () => {
  it('go from 2.6.27, which had the first notifiers, without a gap', () => {
    expect(RELEASES[0]).toBe('2.6.27')
    expect(RELEASES[RELEASES.indexOf('2.6.39') + 1]).toBe('3.0')
    expect(RELEASES[RELEASES.indexOf('3.19') + 1]).toBe('4.0')
    expect(RELEASES[RELEASES.indexOf('4.20') + 1]).toBe('5.0')
    expect(RELEASES.at(-1)).toBe('6.19')
  })

  it('end with the one before the fix', () => {
    expect(spanText('3.19', '6.6')).toBe('3.19 to 6.5')
    expect(spanText('3.19', '4.0')).toBe('3.19')
    expect(spanText(null, '3.19')).toBe('up to 3.18')
    expect(spanText('6.6', null)).toBe('from 6.6 on')
    expect(spanText(null, null)).toBe('no release named')
  })

  it('are where they belong along the bar', () => {
    expect(spanOf(null, null)).toEqual({ from: 0, to: 1, openStart: true, openEnd: true })
    const { from, to } = spanOf('3.19', '6.6')
    expect([from < to, from > placeOf('3.18'), to < placeOf('6.7')]).toEqual([true, true, true])
  })

  it('are younger than some kernels of the slider: the steps of the series of 2014 are older than 3.19', () => {
    expect(['2.6.27', '3.18', '3.19-2of3', '3.19'].map(kernel => isOlder(kernel, '3.19'))).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(['3.18', '3.19-1of3', '3.19'].map(kernel => isOlder(kernel, '3.18'))).toEqual([false, false, false])
  })

  it('are known, for every bug of the shelf', () => {
    for (const { affected } of [...BUGS, ...COST_BUGS]) {
      const span = spanOf(affected.from, affected.until)
      expect(span.from).toBeLessThan(span.to)
    }
  })
})
