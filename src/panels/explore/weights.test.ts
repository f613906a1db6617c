import { describe, expect, it } from 'vitest'
import { countOf, percentOf, shortPercentOf } from './weights.ts'

const written = ({ digits, power }: ReturnType<typeof percentOf>) => (power === null ? digits : `${digits}e${power}`)

describe('a share, written', () => {
  it.each([
    [0, '0'],
    [0.5, '50'],
    [0.123456, '12.3'],
    [0.0000123, '0.00123'],
    [4.731e-11, '4.73e-9'],
    [9.999e-8, '1.00e-5'],
    [0.9999999, '>99.9'],
    [0.9999999999999993, '100'],
  ])('%d is %s %%', (share, text) => {
    expect(written(percentOf(share))).toBe(text)
  })

  it.each([
    [0, '0'],
    [1e-9, '<0.1'],
    [0.0134, '1.3'],
    [0.0996, '10'],
    [0.995, '>99'],
    [1, '100'],
  ])('%d is %s %% where there is little room', (share, text) => {
    expect(shortPercentOf(share)).toBe(text)
  })
})

it('counts are written out as far as anybody reads them, then with a power of ten', () => {
  const count = (n: number) => n.toLocaleString('en-GB')
  expect(countOf(Math.log2(5248), count)).toEqual({ digits: '5,248', power: null })
  expect(countOf(Math.log2(1.3624e9), count)).toEqual({ digits: '1.36', power: 9 })
  expect(countOf(5000, count)).toEqual({ digits: '1.41', power: 1505 })
})
