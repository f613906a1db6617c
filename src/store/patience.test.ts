import { afterEach, describe, expect, it, vi } from 'vitest'
import { watchDeath, withPatience } from './patience.ts'

describe('waiting for a worker', () => {
  afterEach(() => vi.useRealTimers())

  it('ends after as many ticks of a second, and not before', async () => {
    vi.useFakeTimers()
    let lost: unknown
    const never = new Promise<never>(() => undefined)
    void withPatience(never, watchDeath(never), 3).then(outcome => (lost = outcome))
    await vi.advanceTimersByTimeAsync(2_999)
    expect(lost).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(lost).toEqual({ kind: 'lost', why: 'it did not answer within 3 seconds' })
  })

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
