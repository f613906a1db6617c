import { describe, expect, it } from 'vitest'
import { presetOf } from '../../policy/presets.ts'
import { completed, EVERY_SERIES, kernelWith, PATCHES, policyWith, toggled, withoutSeries } from './series.ts'

describe('three patches', () => {
  it('make five sets that compile, and no other', () => {
    for (let bits = 0; bits < 8; bits++) {
      const patches = PATCHES.filter(p => (bits >> (p - 1)) & 1)
      expect(EVERY_SERIES).toContainEqual(completed(patches))
      expect(completed(completed(patches))).toEqual(completed(patches))
    }
  })

  it.each([
    [[], 2, [1, 2]],
    [[], 3, [1, 3]],
    [[1, 3], 2, [1, 2, 3]],
    [[1, 2, 3], 2, [1, 3]],
    [[1, 2, 3], 1, []],
  ] as const)('%j: switching %i leads to %j', (series, patch, to) => {
    expect(toggled(series, patch)).toEqual(to)
  })

  it('are the kernels of the slider, and one between them by switches', () => {
    expect(EVERY_SERIES.map(s => kernelWith(s).kernel)).toEqual(['3.18', '3.19-1of3', '3.19-2of3', '3.19', '3.19'])
    const { switches } = kernelWith([1, 3])
    expect(switches).toMatchObject({ gatherFlushNotifies: false, tableFreeNotifies: false })
    expect(policyWith([1, 3], 'notifier')).toMatchObject({
      rangeCallback: true,
      endImpliesInvalidate: true,
      ...switches,
    })
  })

  it('taken out of 3.19 leave 3.18', () => {
    const before = presetOf('3.18', 'x86', 'naive')
    expect({ ...withoutSeries(policyWith([1, 2, 3], 'naive')), kernel: '3.18' }).toEqual(before)
  })
})
