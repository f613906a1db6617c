import { describe, expect, it } from 'vitest'
import { bugsHash, readRoute } from '../route.ts'
import { bugPath, readBugRoute } from './bug-route.ts'

const read = (hash: string) => readBugRoute(readRoute(hash).bug ?? null)

describe('the address of a bug', () => {
  it('comes back as it went: with the bug, without it, in a kernel', () => {
    for (const side of ['present', 'fixed', '6.1', '3.19-2of3'] as const) {
      const route = read(bugsHash(bugPath('B09', side)))
      expect(route).toMatchObject({ kind: 'bug', side, problem: null })
    }
    expect(bugsHash(bugPath('B09', 'present'))).toBe('#/bugs/B09')
  })

  it('may be written in small letters, and with a slash at its end', () => {
    expect(read('#/bugs/b09/')).toMatchObject({ kind: 'bug', bug: { id: 'B09' }, side: 'present' })
  })

  it('is the shelf without a number', () => {
    expect(read('#/bugs')).toEqual({ kind: 'shelf', problem: null })
  })

  it('says what is wrong with it, and leads to what is nearest', () => {
    expect(read('#/bugs/B99')).toMatchObject({ kind: 'shelf', problem: { message: 'there is no bug “B99”' } })
    expect(read('#/bugs/B09/6.2')).toMatchObject({
      kind: 'bug',
      side: 'present',
      problem: { message: 'there is no kernel “6.2”', mend: expect.stringContaining('Did you mean') },
    })
    expect(read('#/bugs/B14')).toMatchObject({ kind: 'cost', bug: { id: 'B14' }, problem: null })
    expect(read('#/bugs/B14/6.6')).toMatchObject({ kind: 'cost', problem: { at: 'link' } })
  })

  it('never throws, whatever it is', () => {
    for (const hash of ['#/bugs/%', '#/bugs/<script>', `#/bugs/${'x'.repeat(500)}`, '#/bugs/B09/a/b', '#/bugs//'])
      expect(() => read(hash)).not.toThrow()
    expect(readRoute(`#/bugs/${'x'.repeat(500)}`).place).toBe('lab')
  })
})
