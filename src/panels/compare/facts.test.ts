import { describe, expect, it } from 'vitest'
import { fixtureWorld } from '../shared/fixture.ts'
import { factsOf } from './facts.ts'

describe('two worlds side by side', () => {
  it('agree in everything with themselves', () => {
    const facts = factsOf(fixtureWorld, fixtureWorld)
    expect(facts.length).toBeGreaterThan(5)
    expect(facts.filter(f => !f.same)).toEqual([])
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
