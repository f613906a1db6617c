import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_PREFERENCES,
  readLastRun,
  readPreferences,
  type Shelf,
  writeLastRun,
  writePreferences,
} from './saved.ts'

const shelfOf = (text: string | null): Shelf => ({ getItem: () => text, setItem: () => undefined })

function memory(): Shelf {
  const items = new Map<string, string>()
  return { getItem: key => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) }
}

describe('what is remembered between visits', () => {
  it('comes back as it was', () => {
    const shelf = memory()
    writePreferences(shelf, { theme: 'dark', speed: 2, tab: 'rules' })
    writeLastRun(shelf, { scenario: 's', schedule: '0011', at: 3 })
    expect(readPreferences(shelf)).toEqual({ theme: 'dark', speed: 2, tab: 'rules' })
    expect(readLastRun(shelf)).toEqual({ scenario: 's', schedule: '0011', at: 3 })
  })

  it('is taken field by field: a speed nobody knows does not cost the theme', () => {
    expect(readPreferences(shelfOf('{"theme":"dark","speed":900}'))).toEqual({ ...DEFAULT_PREFERENCES, theme: 'dark' })
  })

  it('is nothing when it is not what was written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(readPreferences(shelfOf(text))).toHaveProperty('theme')
        const run = readLastRun(shelfOf(text))
        if (run !== null) expect(typeof run.scenario).toBe('string')
      }),
      { numRuns: 2000 },
    )
  })

  it('does not disturb when the browser forbids it', () => {
    const forbidden: Shelf = {
      getItem: () => {
        throw new Error('denied')
      },
      setItem: () => {
        throw new Error('denied')
      },
    }
    expect(readPreferences(forbidden)).toEqual(DEFAULT_PREFERENCES)
    expect(() => writeLastRun(forbidden, { scenario: 's' })).not.toThrow()
  })
})
