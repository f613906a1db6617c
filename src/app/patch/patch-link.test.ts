import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { driversFor, EVERY_SERIES } from '../../core/studies/patch/series.ts'
import { resolveLink } from '../../worker/resolve.ts'
import { patchHash, readRoute } from '../route.ts'
import { linkUnder, patchQuery, readPatch } from './patch-link.ts'

const CHOICES = EVERY_SERIES.flatMap(series => driversFor(series).map(driver => ({ series, driver })))

describe('the address of the page', () => {
  it.each(CHOICES)('$series with $driver comes back as it went', choice => {
    expect(readPatch(patchQuery(choice))).toEqual({ patch: choice, problems: [] })
  })

  it('leads to the page, which reads it itself', () => {
    expect(readRoute('#/patch')).toMatchObject({ place: 'patch', patch: '', problems: [] })
    expect(readRoute(patchHash('on=1,3&d=naive'))).toMatchObject({ place: 'patch', patch: 'on=1,3&d=naive' })
  })

  it('is short where nothing is chosen', () => {
    expect(patchQuery({ series: [], driver: 'naive' })).toBe('')
    expect(patchQuery({ series: [1, 2, 3], driver: 'notifier' })).toBe('on=1,2,3')
  })

  it.each([
    ['on=2', [1, 2], 'the function of 1/3 is missing'],
    ['on=1,4', [1], 'there is no patch “4”'],
    ['on=1,1', [1], undefined],
    ['on=1,2&d=notifier', [1, 2], 'without 3/3 there is no callback to subscribe to'],
    ['on=1,2,3&d=nave', [1, 2, 3], 'there is no driver “nave”'],
  ] as const)('%s is read as %j, and what is wrong is said', (text, series, message) => {
    const { patch, problems } = readPatch(text)
    expect(patch.series).toEqual(series)
    expect(problems.map(p => p.message)).toEqual(message === undefined ? [] : [message])
  })

  it('whatever it holds, it opens a kernel that there is', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const { patch } = readPatch(text)
        expect(CHOICES).toContainEqual(patch)
      }),
    )
  })
})

it.each(CHOICES)('$series with $driver is a link that the worker follows to the letter', choice => {
  const { problems, settings } = resolveLink(linkUnder(choice, 'munmap-forced-flush'))
  expect(problems).toEqual([])
  expect(settings.driver).toBe(choice.driver)
})
