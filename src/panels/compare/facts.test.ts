import { describe, expect, it } from 'vitest'
import { fixtureWorld } from '../shared/fixture.ts'
import { factsOf } from './facts.ts'

describe('two worlds side by side', () => {
  it('agree in everything with themselves', () => {
    const facts = factsOf(fixtureWorld, fixtureWorld)
    expect(facts.length).toBeGreaterThan(5)
    expect(facts.filter(f => !f.same)).toEqual([])
  })

  it('count the commands that wait, and pass over a queue in which none does', () => {
    const queued = (queue: typeof fixtureWorld.iommu.queue) => ({
      ...fixtureWorld,
      iommu: { ...fixtureWorld.iommu, queue },
    })
    const [command] = fixtureWorld.iommu.queue
    const waiting = { id: 0, text: 'drop buf[0]' } as unknown as (typeof fixtureWorld.iommu.queue)[number]
    const facts = factsOf(queued([command ?? waiting]), queued([])).filter(f => f.name === 'invalidation queue')
    expect(facts).toMatchObject([{ here: '1 waiting', there: 'none' }])
    expect(factsOf(queued([]), queued([])).filter(f => f.name === 'invalidation queue')).toEqual([])
  })

  it('differ where an entry is cached on one side only', () => {
    const flushed = { ...fixtureWorld, iommu: { ...fixtureWorld.iommu, iotlb: [] } }
    const facts = factsOf(fixtureWorld, flushed).filter(f => !f.same)
    expect(facts.length).toBe(fixtureWorld.iommu.iotlb.length)
    expect(facts.every(f => f.name.startsWith('IOTLB') && f.there === 'none')).toBe(true)
    expect(
      factsOf(flushed, fixtureWorld)
        .filter(f => !f.same)
        .every(f => f.here === 'none'),
    ).toBe(true)
  })
})
