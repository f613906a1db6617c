import { describe, expect, it } from 'vitest'
import { watchDeath, withPatience } from './patience.ts'

describe('waiting for a worker', () => {
  it('ends with its death, before or after one began to wait', async () => {
    let die: (why: string) => void = () => undefined
    const death = watchDeath(new Promise<string>(resolve => (die = resolve)))
    const waiting = withPatience(new Promise(() => undefined), death, 10)
    die('it broke')
    expect(await waiting).toEqual({ kind: 'lost', why: 'it broke' })
    expect(await withPatience(new Promise(() => undefined), death, 10)).toEqual({ kind: 'lost', why: 'it broke' })
  })

  it('leaves nobody listening once it is answered', async () => {
    let listening = 0
    const death = {
      listen: () => {
        listening++
        return () => void listening--
      },
    }
    for (let i = 0; i < 100; i++) await withPatience(Promise.resolve({ large: i }), death, 10)
    expect(listening).toBe(0)
  })
})
